"""The rooms of the web application: one router each."""
