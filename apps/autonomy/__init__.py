"""The autonomous run: what there is to do, doing it, paying for it, and saying in the end what came of it."""
