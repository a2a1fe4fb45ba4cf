"""A local session of Spark for tests: two threads, nothing compiled that is used once only."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
    # More partitions than most tables here have keys, and each stays one.
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.enabled": "false",
    "spark.default.parallelism": "1",
    "spark.sql.session.timeZone": "UTC",
    # Times without a zone are those of a wall clock.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # Less code is compiled: a session takes half the time of the processor.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@contextlib.contextmanager
def spark_session(directory: Path) -> Iterator[SparkSession]:
    """Start a session whose relative paths begin in a directory, and stop it with all of its processes."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - the short suite is without it

    python = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_HOSTNAME": "localhost"}
    builder = SparkSession.builder.master("local[2]").appName("kpi")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    with mock.patch.dict(os.environ, python):
        with contextlib.chdir(directory):
            session = builder.getOrCreate()
        try:
            yield session
        finally:
            gateway = session.sparkContext._gateway
            session.stop()
            assert gateway is not None, "a local session has a process of Java"
            gateway.shutdown()
            # It ends with its standard input.
            gateway.proc.stdin.close()
            gateway.proc.wait(timeout=60)
