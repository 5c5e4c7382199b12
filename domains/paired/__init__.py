"""Environments designed by a learned adversary, and by curation: how should a student's levels be chosen?"""
