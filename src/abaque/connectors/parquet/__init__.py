"""The archive of raw events as Parquet files in a folder."""

from abaque.connectors.parquet.archive import ParquetArchive

__all__ = ["ParquetArchive"]
