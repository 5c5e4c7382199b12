"""Jobs on a Ray cluster: `Dispatcher` of name `ray`."""

from wunderkammer.jobs.ray.dispatcher import RayDispatcher as RayDispatcher
