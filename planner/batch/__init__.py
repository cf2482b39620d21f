"""Many districts in one go: in this process, on local workers, or on a Dask scheduler."""

from planner.batch.districts import ListedDistrict, read_districts
from planner.batch.run import Batch, batch
from planner.batch.task import DistrictOutcome

__all__ = ["Batch", "DistrictOutcome", "ListedDistrict", "batch", "read_districts"]
