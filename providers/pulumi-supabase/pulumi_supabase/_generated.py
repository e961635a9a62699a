"""The typed classes of the Supabase provider.

Generated from the property tables by ``python -m pulumi_provider_kit.codegen pulumi_supabase``; change those.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
import pulumi.runtime

__all__ = [
    "CheckArgs",
    "EdgeFunction",
    "EdgeFunctionSecrets",
    "ExpectArgs",
    "GetApiKeysResult",
    "GetProjectResult",
    "Migrations",
    "get_api_keys",
    "get_api_keys_output",
    "get_project",
    "get_project_output",
]


class ExpectArgs(TypedDict, total=False):
    """What a check's answer must be."""

    status: int
    """The HTTP status."""
    json: Mapping[str, pulumi.Input[str]]
    """Keys of a JSON answer with their values. ``{revision}`` stands for the revision being deployed."""
    contains: str
    """A text that the answer contains."""


class CheckArgs(TypedDict, total=False):
    """A request that the function must answer rightly before anything relies on it."""

    name: str
    """Its name, for messages."""
    method: str
    """The HTTP method. Default POST. One of ``GET``, ``POST``, ``OPTIONS``."""
    path: str
    """Appended to the function's URL. Default empty."""
    headers: Mapping[str, pulumi.Input[str]]
    """Headers to send."""
    form: Mapping[str, pulumi.Input[str]]
    """Parameters, sent as a form."""
    body: str
    """A body, where it is not a form."""
    expect: ExpectArgs
    """What must be answered."""


class EdgeFunction(pulumi.CustomResource):
    """An Edge Function, deployed from a folder with exactly the files that its entry point reaches.

    It is deployed first as ``<slug>-candidate`` and must answer ``candidateChecks``; then under its slug,
    where it must answer ``checks``. If it does not, the files that were there before are put back. The
    candidate is removed in every case. A function of that slug that this resource did not deploy is refused
    unless ``adopt`` is set; its files are kept in the state, and deleting the resource puts them back.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase
            Management API)
        slug: The function's name in its URL. (Supabase Management API: deploy a function)
        directory: The function's folder, relative to the program's. Shared code beside it is found by its
            imports.
        verify_jwt: Whether Supabase demands a valid JWT before the code runs. Always sent: left out, a
            deploy may switch it on. A webhook needs false. (Supabase Management API: deploy a function)
        entrypoint: The entry point in it. Default ``index.ts``.
        import_map: The import map in it. Default ``deno.json`` where there is one; empty for none.
        static_patterns: Patterns of further files in the folder that the code reads, ``templates/*.html``.
        name: The name in the dashboard. Default: the slug.
        files: Generated files by path in the folder, as text; they take the place of files on disk.
        revision_file: A JSON file to generate in the folder, ``{"revision": ...}``, so that the code can
            say which revision it is.
        triggers: Anything whose change needs a new deploy, secrets' fingerprints.
        project_url: The project's public address, with a custom domain. Default
            ``https://<ref>.supabase.co``.
        checks: What the function must answer under its slug.
        candidate_checks: What the candidate must answer; none means no candidate.
        check_timeout: How long right answers are waited for, in seconds, since a deploy spreads slowly.
            Default 60.
        consecutive_checks: How many times in a row all answers must be right. Default 3.
        adopt: Whether an existing function of that slug may be replaced. Default false.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        project_ref: pulumi.Input[str],
        slug: pulumi.Input[str],
        directory: pulumi.Input[str],
        verify_jwt: pulumi.Input[bool],
        entrypoint: pulumi.Input[str] | None = None,
        import_map: pulumi.Input[str] | None = None,
        static_patterns: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        name: pulumi.Input[str] | None = None,
        files: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        revision_file: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        project_url: pulumi.Input[str] | None = None,
        checks: pulumi.Input[Sequence[pulumi.Input[CheckArgs]]] | None = None,
        candidate_checks: pulumi.Input[Sequence[pulumi.Input[CheckArgs]]] | None = None,
        check_timeout: pulumi.Input[int] | None = None,
        consecutive_checks: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:EdgeFunction",
            resource_name,
            {
                "projectRef": project_ref,
                "slug": slug,
                "directory": directory,
                "entrypoint": entrypoint,
                "importMap": import_map,
                "staticPatterns": static_patterns,
                "name": name,
                "verifyJwt": verify_jwt,
                "files": files,
                "revisionFile": revision_file,
                "triggers": triggers,
                "projectUrl": project_url,
                "checks": checks,
                "candidateChecks": candidate_checks,
                "checkTimeout": check_timeout,
                "consecutiveChecks": consecutive_checks,
                "adopt": adopt,
                "fileHashes": None,
                "deployment": None,
                "functionId": None,
                "url": None,
                "version": None,
                "status": None,
                "bundleSha256": None,
                "revision": None,
                "lastDeployed": None,
                "original": None,
            },
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(additional_secret_outputs=["original"]), opts
            ),
        )

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="slug")
    def slug(self) -> pulumi.Output[str]:
        """The function's name in its URL. (Supabase Management API: deploy a function)"""
        value: pulumi.Output[str] = pulumi.get(self, "slug")
        return value

    @property
    @pulumi.getter(name="directory")
    def directory(self) -> pulumi.Output[str]:
        """The function's folder, relative to the program's. Shared code beside it is found by its imports."""
        value: pulumi.Output[str] = pulumi.get(self, "directory")
        return value

    @property
    @pulumi.getter(name="entrypoint")
    def entrypoint(self) -> pulumi.Output[str | None]:
        """The entry point in it. Default ``index.ts``."""
        value: pulumi.Output[str | None] = pulumi.get(self, "entrypoint")
        return value

    @property
    @pulumi.getter(name="importMap")
    def import_map(self) -> pulumi.Output[str | None]:
        """The import map in it. Default ``deno.json`` where there is one; empty for none."""
        value: pulumi.Output[str | None] = pulumi.get(self, "importMap")
        return value

    @property
    @pulumi.getter(name="staticPatterns")
    def static_patterns(self) -> pulumi.Output[Sequence[str] | None]:
        """Patterns of further files in the folder that the code reads, ``templates/*.html``."""
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "staticPatterns")
        return value

    @property
    @pulumi.getter(name="name")
    def name(self) -> pulumi.Output[str | None]:
        """The name in the dashboard. Default: the slug."""
        value: pulumi.Output[str | None] = pulumi.get(self, "name")
        return value

    @property
    @pulumi.getter(name="verifyJwt")
    def verify_jwt(self) -> pulumi.Output[bool]:
        """Whether Supabase demands a valid JWT before the code runs. Always sent: left out, a deploy may
        switch it on. A webhook needs false. (Supabase Management API: deploy a function)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "verifyJwt")
        return value

    @property
    @pulumi.getter(name="files")
    def files(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Generated files by path in the folder, as text; they take the place of files on disk."""
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "files")
        return value

    @property
    @pulumi.getter(name="revisionFile")
    def revision_file(self) -> pulumi.Output[str | None]:
        """A JSON file to generate in the folder, ``{"revision": ...}``, so that the code can say which
        revision it is.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "revisionFile")
        return value

    @property
    @pulumi.getter(name="triggers")
    def triggers(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Anything whose change needs a new deploy, secrets' fingerprints."""
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "triggers")
        return value

    @property
    @pulumi.getter(name="projectUrl")
    def project_url(self) -> pulumi.Output[str | None]:
        """The project's public address, with a custom domain. Default ``https://<ref>.supabase.co``."""
        value: pulumi.Output[str | None] = pulumi.get(self, "projectUrl")
        return value

    @property
    @pulumi.getter(name="checks")
    def checks(self) -> pulumi.Output[Sequence[CheckArgs] | None]:
        """What the function must answer under its slug."""
        value: pulumi.Output[Sequence[CheckArgs] | None] = pulumi.get(self, "checks")
        return value

    @property
    @pulumi.getter(name="candidateChecks")
    def candidate_checks(self) -> pulumi.Output[Sequence[CheckArgs] | None]:
        """What the candidate must answer; none means no candidate."""
        value: pulumi.Output[Sequence[CheckArgs] | None] = pulumi.get(self, "candidateChecks")
        return value

    @property
    @pulumi.getter(name="checkTimeout")
    def check_timeout(self) -> pulumi.Output[int | None]:
        """How long right answers are waited for, in seconds, since a deploy spreads slowly. Default 60."""
        value: pulumi.Output[int | None] = pulumi.get(self, "checkTimeout")
        return value

    @property
    @pulumi.getter(name="consecutiveChecks")
    def consecutive_checks(self) -> pulumi.Output[int | None]:
        """How many times in a row all answers must be right. Default 3."""
        value: pulumi.Output[int | None] = pulumi.get(self, "consecutiveChecks")
        return value

    @property
    @pulumi.getter(name="adopt")
    def adopt(self) -> pulumi.Output[bool | None]:
        """Whether an existing function of that slug may be replaced. Default false."""
        value: pulumi.Output[bool | None] = pulumi.get(self, "adopt")
        return value

    @property
    @pulumi.getter(name="fileHashes")
    def file_hashes(self) -> pulumi.Output[Mapping[str, str]]:
        """The files that are deployed, each with the start of its SHA-256."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "fileHashes")
        return value

    @property
    @pulumi.getter(name="deployment")
    def deployment(self) -> pulumi.Output[str]:
        """Whose deploy is live: that of this program, or somebody else's."""
        value: pulumi.Output[str] = pulumi.get(self, "deployment")
        return value

    @property
    @pulumi.getter(name="functionId")
    def function_id(self) -> pulumi.Output[str]:
        """Supabase's ID of the function."""
        value: pulumi.Output[str] = pulumi.get(self, "functionId")
        return value

    @property
    @pulumi.getter(name="url")
    def url(self) -> pulumi.Output[str]:
        """The function's public URL."""
        value: pulumi.Output[str] = pulumi.get(self, "url")
        return value

    @property
    @pulumi.getter(name="version")
    def version(self) -> pulumi.Output[int]:
        """Supabase's count of its deploys."""
        value: pulumi.Output[int] = pulumi.get(self, "version")
        return value

    @property
    @pulumi.getter(name="status")
    def status(self) -> pulumi.Output[str]:
        """ACTIVE, REMOVED or THROTTLED."""
        value: pulumi.Output[str] = pulumi.get(self, "status")
        return value

    @property
    @pulumi.getter(name="bundleSha256")
    def bundle_sha256(self) -> pulumi.Output[str]:
        """The SHA-256 of the bundle that Supabase made."""
        value: pulumi.Output[str] = pulumi.get(self, "bundleSha256")
        return value

    @property
    @pulumi.getter(name="revision")
    def revision(self) -> pulumi.Output[str]:
        """The SHA-256 of everything deployed, shortened: files and settings."""
        value: pulumi.Output[str] = pulumi.get(self, "revision")
        return value

    @property
    @pulumi.getter(name="lastDeployed")
    def last_deployed(self) -> pulumi.Output[Mapping[str, str]]:
        """Version and bundle of our last deploy."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastDeployed")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The function that was adopted: its settings and files (Base64); empty for one created here."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value


class EdgeFunctionSecrets(pulumi.CustomResource):
    """Named secrets of a project's Edge Functions. Only the names given here are ever written or deleted. A
    name that exists already is refused unless its value is the same or ``adopt`` is set. A change is live
    at once, for every function of the project.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase
            Management API)
        values: Values by name; a name has up to 256 characters, a value up to 24,576. (Supabase Management
            API: secrets)
        adopt: Whether existing secrets of these names may be overwritten. Default false. An old value
            cannot be read back, so it cannot be given back either.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        project_ref: pulumi.Input[str],
        values: pulumi.Input[Mapping[str, pulumi.Input[str]]],
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:EdgeFunctionSecrets",
            resource_name,
            {
                "projectRef": project_ref,
                "values": None if values is None else pulumi.Output.secret(values),
                "adopt": adopt,
                "fingerprints": None,
                "created": None,
                "key": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=["key"]), opts),
        )

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="values")
    def values(self) -> pulumi.Output[Mapping[str, str]]:
        """Values by name; a name has up to 256 characters, a value up to 24,576. (Supabase Management API:
        secrets)
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "values")
        return value

    @property
    @pulumi.getter(name="adopt")
    def adopt(self) -> pulumi.Output[bool | None]:
        """Whether existing secrets of these names may be overwritten. Default false. An old value cannot be
        read back, so it cannot be given back either.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "adopt")
        return value

    @property
    @pulumi.getter(name="fingerprints")
    def fingerprints(self) -> pulumi.Output[Mapping[str, str]]:
        """Eight hexadecimal digits of a keyed hash of each value: the same value has the same fingerprint, and
        nobody can guess a value by it. Hand it to a function's ``triggers``.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "fingerprints")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[Sequence[str]]:
        """The names that did not exist before; a delete removes these and no others."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="key")
    def key(self) -> pulumi.Output[str]:
        """The key of the fingerprints."""
        value: pulumi.Output[str] = pulumi.get(self, "key")
        return value


class Migrations(pulumi.CustomResource):
    """A folder of SQL migrations, applied in the order of their versions, each in one transaction with its row
    of history. The preview lists those that would run. A file that was changed after it was applied, or one
    older than an applied one, is an error. Deleting the resource leaves the data alone.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase
            Management API)
        directory: The folder of ``<14 digits>_<name>.sql`` files, relative to the program's.
        history: Whose table remembers them: ``voicehooks`` (default), a table of our own that no ``supabase
            db push`` looks at, or ``supabase``, the Supabase CLI's, for those who keep the files there. One
            of ``voicehooks``, ``supabase``.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        project_ref: pulumi.Input[str],
        directory: pulumi.Input[str],
        history: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:Migrations",
            resource_name,
            {
                "projectRef": project_ref,
                "directory": directory,
                "history": history,
                "files": None,
                "applied": None,
                "latest": None,
            },
            opts,
        )

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="directory")
    def directory(self) -> pulumi.Output[str]:
        """The folder of ``<14 digits>_<name>.sql`` files, relative to the program's."""
        value: pulumi.Output[str] = pulumi.get(self, "directory")
        return value

    @property
    @pulumi.getter(name="history")
    def history(self) -> pulumi.Output[str | None]:
        """Whose table remembers them: ``voicehooks`` (default), a table of our own that no ``supabase db
        push`` looks at, or ``supabase``, the Supabase CLI's, for those who keep the files there. One of
        ``voicehooks``, ``supabase``.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "history")
        return value

    @property
    @pulumi.getter(name="files")
    def files(self) -> pulumi.Output[Mapping[str, str]]:
        """The migrations by file name, each with the start of its SHA-256."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "files")
        return value

    @property
    @pulumi.getter(name="applied")
    def applied(self) -> pulumi.Output[Sequence[str]]:
        """The versions of this folder that are applied."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "applied")
        return value

    @property
    @pulumi.getter(name="latest")
    def latest(self) -> pulumi.Output[str]:
        """The newest of them; empty for none."""
        value: pulumi.Output[str] = pulumi.get(self, "latest")
        return value


class GetProjectResult:
    """What :func:`get_project` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.project_ref: str = result["projectRef"]
        """The project's reference."""
        self.name: str = result["name"]
        """Its name in the dashboard."""
        self.organization_id: str = result["organizationId"]
        """The organization that it belongs to."""
        self.region: str = result["region"]
        """Where it runs."""
        self.status: str = result["status"]
        """ACTIVE_HEALTHY, INACTIVE (paused) and others."""
        self.database_host: str = result["databaseHost"]
        """The host of its database."""
        self.database_version: str = result["databaseVersion"]
        """The version of its Postgres."""
        self.url: str = result["url"]
        """Its public address, https://<ref>.supabase.co."""


def get_project(*, project_ref: str, opts: pulumi.InvokeOptions | None = None) -> GetProjectResult:
    """Looks up a project.

    Args:
        project_ref: The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase
            Management API)
    """
    answer = pulumi.runtime.invoke("supabase:index:getProject", {"projectRef": project_ref}, opts)
    return GetProjectResult(answer.value or {})


def get_project_output(
    *, project_ref: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetProjectResult]:
    """The same as :func:`get_project`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("supabase:index:getProject", {"projectRef": project_ref}, opts)
    return answer.apply(GetProjectResult)


class GetApiKeysResult:
    """What :func:`get_api_keys` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.publishable: Mapping[str, str] = result["publishable"]
        """Publishable keys by name."""
        self.secret: Mapping[str, str] = result["secret"]
        """Secret keys by name."""
        self.legacy: Mapping[str, str] = result["legacy"]
        """Legacy keys: anon, service_role."""


def get_api_keys(*, project_ref: str, opts: pulumi.InvokeOptions | None = None) -> GetApiKeysResult:
    """Reads a project's API keys, the new ones (publishable, secret) and the legacy ones (anon, service_role).
    All values are secret.

    Args:
        project_ref: The project's reference: the 20 letters in https://<reference>.supabase.co. (Supabase
            Management API)
    """
    answer = pulumi.runtime.invoke("supabase:index:getApiKeys", {"projectRef": project_ref}, opts)
    return GetApiKeysResult(answer.value or {})


def get_api_keys_output(
    *, project_ref: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetApiKeysResult]:
    """The same as :func:`get_api_keys`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("supabase:index:getApiKeys", {"projectRef": project_ref}, opts)
    return answer.apply(GetApiKeysResult)
