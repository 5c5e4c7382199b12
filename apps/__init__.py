"""What people and programs touch; here the rest is assembled."""
