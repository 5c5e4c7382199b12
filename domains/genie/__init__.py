"""Worlds learned from unlabelled video: which sizes and aids make them controllable?"""
