"""Car racing seen from above: closed tracks of twelve control points, a car that slips, and a batched rasteriser."""
