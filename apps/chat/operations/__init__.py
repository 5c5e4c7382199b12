"""What can be done by word: each operation takes checked arguments and returns a sheet. No model is in here."""
