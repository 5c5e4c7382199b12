"""The closed loop: attack, repair, load, attack again. Assembles what the graph `harden` works with."""
