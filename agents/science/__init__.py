"""The scientist of studies: what to ask, how to judge it, how to say it. Figures are code's, words may be a model's."""
