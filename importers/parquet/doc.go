// Package parquet makes records of Parquet files, and reads the geometry of those that are GeoParquet. Their format
// lets a few bytes claim gigabytes, and its reader was not made for strangers' files: it runs as a process of its
// own, which is this very program again, with limits.
package parquet
