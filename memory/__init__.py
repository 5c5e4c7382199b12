"""What the house remembers: the ledger (truth), the archive and the vectors (rebuilt from it)."""
