"""An S3 of this process, with moto's own server: buckets as AWS has them, on a free loopback port."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
from moto.server import ThreadedMotoServer

__all__ = ["Service", "running_s3"]

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}


@dataclass(frozen=True)
class Service:
    """Such a service, with one bucket.

    Attributes:
        host: its host and port.
        bucket: the bucket's name.
    """

    host: str
    bucket: str

    def backend(self, prefix: str, options: str = "") -> str:
        """The address of a Pulumi backend in the bucket."""
        query = f"endpoint={self.host}&disableSSL=true&s3ForcePathStyle=true&region={REGION}"
        return f"s3://{self.bucket}/{prefix}?{query}{options}"

    def put(self, name: str, content: bytes) -> None:
        """Store an object."""
        self._client().put_object(Bucket=self.bucket, Key=name, Body=content)

    def names(self, prefix: str) -> list[str]:
        """The objects whose name starts with a prefix; at most a thousand."""
        answer = self._client().list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [str(content["Key"]) for content in answer.get("Contents", [])]

    def get(self, name: str) -> bytes:
        """An object's content."""
        content: bytes = self._client().get_object(Bucket=self.bucket, Key=name)["Body"].read()
        return content

    def _client(self) -> boto3.client:
        return boto3.client(
            "s3",
            endpoint_url=f"http://{self.host}",
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )


@contextmanager
def running_s3(bucket: str = "state") -> Iterator[Service]:
    """Run the service, make the bucket, and yield it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        service = Service(f"{host}:{port}", bucket)
        service._client().create_bucket(Bucket=bucket)
        yield service
    finally:
        server.stop()
