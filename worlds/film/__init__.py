"""Video as data: where frames come from, the shards that they are kept in, and clips out of those."""
