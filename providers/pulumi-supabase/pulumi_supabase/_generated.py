"""The typed classes of the Supabase provider.

Generated from the property tables by `python -m pulumi_provider_kit.codegen pulumi_supabase`; change those.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
import pulumi.runtime
from pulumi_provider_kit.nested_names import ListOf, MapOf, Shape, schema_names

__all__ = [
    "EdgeFunction",
    "EdgeFunctionSecrets",
    "FunctionAnswerArgs",
    "FunctionCheckArgs",
    "GetApiKeysResult",
    "GetProjectResult",
    "Migrations",
    "ProjectOriginals",
    "Provider",
    "get_api_keys",
    "get_api_keys_output",
    "get_project",
    "get_project_output",
]

class FunctionAnswerArgs(TypedDict, total=False):
    """The expected answer to a check."""
    status: int
    """The HTTP status. Default: 200."""
    json: Mapping[str, pulumi.Input[str]]
    """Properties that the answer, a JSON object, must have. `{revision}` in a value is replaced by the
    revision that is being deployed. A value that is not a string is compared as JSON: `true`, `3`.
    """
    contains: str
    """A text that the body must contain."""

class FunctionCheckArgs(TypedDict, total=False):
    """A request to a deployed function, and the expected answer."""
    name: str
    """The check's name in error messages."""
    method: str
    """The HTTP method. Default: `POST`."""
    path: str
    """Appended to the function's URL. Default: nothing."""
    headers: Mapping[str, pulumi.Input[str]]
    """Headers by name."""
    form: Mapping[str, pulumi.Input[str]]
    """A form to send, URL-encoded in the order of its names."""
    body: str
    """A text to send if there is no form."""
    expect: FunctionAnswerArgs
    """The expected answer. Default: status 200."""

_FUNCTION_ANSWER: Shape = {
    "status": ("status", None),
    "json": ("json", None),
    "contains": ("contains", None),
}

_FUNCTION_CHECK: Shape = {
    "name": ("name", None),
    "method": ("method", None),
    "path": ("path", None),
    "headers": ("headers", None),
    "form": ("form", None),
    "body": ("body", None),
    "expect": ("expect", _FUNCTION_ANSWER),
}

class Provider(pulumi.ProviderResource):
    """Settings of the Supabase provider for the resources that name it in their options
    (`pulumi.ResourceOptions(provider=...)`). A setting that is absent comes from its environment variable,
    and not from `supabase:*` of the stack's configuration.

    Args:
        resource_name: the provider's logical name.
        access_token: A personal access token (https://supabase.com/dashboard/account/tokens), classic or
            scoped, or an OAuth2 token. Its form is not checked.
        api_url: The Management API's URL, for a sandbox.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        access_token: pulumi.Input[str] | None = None,
        api_url: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase",
            resource_name,
            {
                "accessToken": None if access_token is None else pulumi.Output.secret(access_token),
                "apiUrl": api_url,
            },
            opts,
        )

class EdgeFunction(pulumi.CustomResource):
    """An Edge Function. It is deployed from a folder, with exactly the files that its entry point reaches
    through relative imports, wherever those are (for example, a `_shared` folder next to it), and with
    files that the program generates. The preview names each file and each setting that changed.

    A deploy first goes to the slug with `-candidate` appended and is checked there. Then it goes to the
    slug itself and is checked again. If it fails there, the previous files are restored. The candidate is
    always removed; one that a killed run left behind is recognized by its display name and replaced. So a
    slug only serves code that answered the checks correctly, except while its own checks run.

    An existing function with the slug is refused, unless `adopt` is true or it already has exactly these
    files and settings. An adopted function's files are kept in the state, secret, and are deployed again
    when the resource is deleted. A deploy outside this program shows in the next preview as a change of
    `deployment`, and the next update corrects it.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
        slug: The last part of the function's URL: letters, digits, `_` and `-`, a letter first. (Supabase
            Management API)
        directory: The function's folder. A relative path begins at the folder of the Pulumi program.
        verify_jwt: Whether Supabase's gateway requires a JWT before the function runs. False for webhooks.
            It is required and always sent, because the platform may change it otherwise. (Supabase
            Management API)
        entrypoint: The entry point in the folder. Default: `index.ts`.
        import_map: The import map or deno.json in the folder; an empty string for none. Default:
            `deno.json` or `deno.jsonc` where the folder has one.
        static_patterns: Globs in the folder for files that the function reads but does not import.
        name: The display name. Default: the current name, or the slug for a new function.
        files: Generated files: text by path in the folder. They take precedence over files in the folder,
            and the preview shows their changes.
        revision_file: A file in the folder that is generated as `{"revision": "..."}`, so that the running
            code can say which revision it is.
        triggers: Values of any kind whose change deploys again, such as the fingerprints of the secrets
            that the function reads.
        project_url: The project's public URL, which receives the checks: a custom domain, or a sandbox.
            Default: `https://<projectRef>.supabase.co`.
        checks: Requests that the function must answer correctly under its slug. Without checks, the update
            does not wait for the deploy and restores nothing.
        candidate_checks: The checks of the candidate, if they differ (for example, because a signature
            covers the URL). Default: `checks`. An empty list means no candidate.
        check_timeout_seconds: The seconds to wait for correct answers, for the candidate and for the slug
            itself. Default: 120.
        consecutive_checks: How many times in a row all checks must pass, because a deploy spreads slowly.
            Default: 3.
        adopt: Whether an existing function with the slug is adopted. Default: false.
        original: The previous files and settings of an adopted function, as JSON; absent for a function
            that this program created. Pass the function's part of `ProjectOriginals` to record it before
            anything is deployed (empty: there was no such function). Without it, a create that was killed
            finds its own files. It is used when the resource is created.
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
        checks: pulumi.Input[Sequence[pulumi.Input[FunctionCheckArgs]]] | None = None,
        candidate_checks: pulumi.Input[Sequence[pulumi.Input[FunctionCheckArgs]]] | None = None,
        check_timeout_seconds: pulumi.Input[int] | None = None,
        consecutive_checks: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        original: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:EdgeFunction",
            resource_name,
            {
                "projectRef": project_ref,
                "slug": slug,
                "directory": directory,
                "verifyJwt": verify_jwt,
                "entrypoint": entrypoint,
                "importMap": import_map,
                "staticPatterns": static_patterns,
                "name": name,
                "files": files,
                "revisionFile": revision_file,
                "triggers": triggers,
                "projectUrl": project_url,
                "checks": schema_names(checks, ListOf(_FUNCTION_CHECK)),
                "candidateChecks": schema_names(candidate_checks, ListOf(_FUNCTION_CHECK)),
                "checkTimeoutSeconds": check_timeout_seconds,
                "consecutiveChecks": consecutive_checks,
                "adopt": adopt,
                "original": None if original is None else pulumi.Output.secret(original),
                "fileHashes": None,
                "deployment": None,
                "functionId": None,
                "url": None,
                "version": None,
                "status": None,
                "bundleSha256": None,
                "revision": None,
                "lastDeployed": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> EdgeFunction:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the project ref, a slash and the slug: ``sandboxsandboxsandbo/hello``.
            opts: the engine's options.
        """
        resource = EdgeFunction.__new__(EdgeFunction)
        pulumi.CustomResource.__init__(
            resource,
            "supabase:index:EdgeFunction",
            resource_name,
            {
                "projectRef": None,
                "slug": None,
                "directory": None,
                "verifyJwt": None,
                "entrypoint": None,
                "importMap": None,
                "staticPatterns": None,
                "name": None,
                "files": None,
                "revisionFile": None,
                "triggers": None,
                "projectUrl": None,
                "checks": None,
                "candidateChecks": None,
                "checkTimeoutSeconds": None,
                "consecutiveChecks": None,
                "adopt": None,
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
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="slug")
    def slug(self) -> pulumi.Output[str]:
        """The last part of the function's URL: letters, digits, `_` and `-`, a letter first. (Supabase
        Management API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "slug")
        return value

    @property
    @pulumi.getter(name="directory")
    def directory(self) -> pulumi.Output[str]:
        """The function's folder. A relative path begins at the folder of the Pulumi program."""
        value: pulumi.Output[str] = pulumi.get(self, "directory")
        return value

    @property
    @pulumi.getter(name="verifyJwt")
    def verify_jwt(self) -> pulumi.Output[bool]:
        """Whether Supabase's gateway requires a JWT before the function runs. False for webhooks. It is
        required and always sent, because the platform may change it otherwise. (Supabase Management API)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "verifyJwt")
        return value

    @property
    @pulumi.getter(name="entrypoint")
    def entrypoint(self) -> pulumi.Output[str | None]:
        """The entry point in the folder. Default: `index.ts`."""
        value: pulumi.Output[str | None] = pulumi.get(self, "entrypoint")
        return value

    @property
    @pulumi.getter(name="importMap")
    def import_map(self) -> pulumi.Output[str | None]:
        """The import map or deno.json in the folder; an empty string for none. Default: `deno.json` or
        `deno.jsonc` where the folder has one.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "importMap")
        return value

    @property
    @pulumi.getter(name="staticPatterns")
    def static_patterns(self) -> pulumi.Output[Sequence[str] | None]:
        """Globs in the folder for files that the function reads but does not import."""
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "staticPatterns")
        return value

    @property
    @pulumi.getter(name="name")
    def name(self) -> pulumi.Output[str | None]:
        """The display name. Default: the current name, or the slug for a new function."""
        value: pulumi.Output[str | None] = pulumi.get(self, "name")
        return value

    @property
    @pulumi.getter(name="files")
    def files(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Generated files: text by path in the folder. They take precedence over files in the folder, and the
        preview shows their changes.
        """
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "files")
        return value

    @property
    @pulumi.getter(name="revisionFile")
    def revision_file(self) -> pulumi.Output[str | None]:
        """A file in the folder that is generated as `{"revision": "..."}`, so that the running code can say
        which revision it is.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "revisionFile")
        return value

    @property
    @pulumi.getter(name="triggers")
    def triggers(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Values of any kind whose change deploys again, such as the fingerprints of the secrets that the
        function reads.
        """
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "triggers")
        return value

    @property
    @pulumi.getter(name="projectUrl")
    def project_url(self) -> pulumi.Output[str | None]:
        """The project's public URL, which receives the checks: a custom domain, or a sandbox. Default:
        `https://<projectRef>.supabase.co`.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "projectUrl")
        return value

    @property
    @pulumi.getter(name="checks")
    def checks(self) -> pulumi.Output[Sequence[Mapping[str, Any]] | None]:
        """Requests that the function must answer correctly under its slug. Without checks, the update does not
        wait for the deploy and restores nothing.
        """
        value: pulumi.Output[Sequence[Mapping[str, Any]] | None] = pulumi.get(self, "checks")
        return value

    @property
    @pulumi.getter(name="candidateChecks")
    def candidate_checks(self) -> pulumi.Output[Sequence[Mapping[str, Any]] | None]:
        """The checks of the candidate, if they differ (for example, because a signature covers the URL).
        Default: `checks`. An empty list means no candidate.
        """
        value: pulumi.Output[Sequence[Mapping[str, Any]] | None] = pulumi.get(self, "candidateChecks")
        return value

    @property
    @pulumi.getter(name="checkTimeoutSeconds")
    def check_timeout_seconds(self) -> pulumi.Output[int | None]:
        """The seconds to wait for correct answers, for the candidate and for the slug itself. Default: 120."""
        value: pulumi.Output[int | None] = pulumi.get(self, "checkTimeoutSeconds")
        return value

    @property
    @pulumi.getter(name="consecutiveChecks")
    def consecutive_checks(self) -> pulumi.Output[int | None]:
        """How many times in a row all checks must pass, because a deploy spreads slowly. Default: 3."""
        value: pulumi.Output[int | None] = pulumi.get(self, "consecutiveChecks")
        return value

    @property
    @pulumi.getter(name="adopt")
    def adopt(self) -> pulumi.Output[bool | None]:
        """Whether an existing function with the slug is adopted. Default: false."""
        value: pulumi.Output[bool | None] = pulumi.get(self, "adopt")
        return value

    @property
    @pulumi.getter(name="fileHashes")
    def file_hashes(self) -> pulumi.Output[Mapping[str, str]]:
        """The files on disk by path, each with the first sixteen hexadecimal digits of its SHA-256."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "fileHashes")
        return value

    @property
    @pulumi.getter(name="deployment")
    def deployment(self) -> pulumi.Output[str]:
        """Whose deploy is live: `of this program`, or the version that was deployed elsewhere."""
        value: pulumi.Output[str] = pulumi.get(self, "deployment")
        return value

    @property
    @pulumi.getter(name="functionId")
    def function_id(self) -> pulumi.Output[str]:
        """The function's UUID."""
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
        """The version, which increases by one with each deploy."""
        value: pulumi.Output[int] = pulumi.get(self, "version")
        return value

    @property
    @pulumi.getter(name="status")
    def status(self) -> pulumi.Output[str]:
        """`ACTIVE`, or `THROTTLED` or `REMOVED`. (Supabase Management API)"""
        value: pulumi.Output[str] = pulumi.get(self, "status")
        return value

    @property
    @pulumi.getter(name="bundleSha256")
    def bundle_sha256(self) -> pulumi.Output[str]:
        """SHA-256 of Supabase's bundle of the files."""
        value: pulumi.Output[str] = pulumi.get(self, "bundleSha256")
        return value

    @property
    @pulumi.getter(name="revision")
    def revision(self) -> pulumi.Output[str]:
        """SHA-256 of all files, including generated ones, settings and triggers."""
        value: pulumi.Output[str] = pulumi.get(self, "revision")
        return value

    @property
    @pulumi.getter(name="lastDeployed")
    def last_deployed(self) -> pulumi.Output[Mapping[str, str]]:
        """Version and bundle of this program's last deploy."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastDeployed")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[str]:
        """The previous files and settings of an adopted function, as JSON; absent for a function that this
        program created. Pass the function's part of `ProjectOriginals` to record it before anything is
        deployed (empty: there was no such function). Without it, a create that was killed finds its own
        files. It is used when the resource is created.
        """
        value: pulumi.Output[str] = pulumi.get(self, "original")
        return value

class EdgeFunctionSecrets(pulumi.CustomResource):
    """Secrets that a project's Edge Functions read as environment variables. The resource manages only the
    names that it declares. The project's other secrets are neither read into the state nor deleted.

    A name that already exists with another value is refused unless `adopt` is true. A name that already has
    the same value is adopted. A value that was changed outside this program shows in the next preview as a
    change of `values.NAME`. Deleting the resource deletes the names that it created. Adopted names stay,
    because their previous values cannot be read. A changed secret takes effect at once in every function of
    the project.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
        values: The secrets by name. Names do not begin with `SUPABASE_`; a value has at most 24,576
            characters. (Supabase Management API)
        adopt: Whether names that already exist with another value are overwritten. Default: false.
        existing: The names that the project had before the program, which are never deleted. Pass
            `existingSecrets` of `ProjectOriginals` to record them before anything is written. Without it, a
            create that was killed finds its own secrets and takes them for existing ones.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        project_ref: pulumi.Input[str],
        values: pulumi.Input[Mapping[str, pulumi.Input[str]]],
        adopt: pulumi.Input[bool] | None = None,
        existing: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:EdgeFunctionSecrets",
            resource_name,
            {
                "projectRef": project_ref,
                "values": pulumi.Output.secret(values),
                "adopt": adopt,
                "existing": existing,
                "fingerprints": None,
                "digests": None,
                "created": None,
                "key": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['digests', 'key']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> EdgeFunctionSecrets:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the project ref, a slash and the names, separated by commas:
                ``sandboxsandboxsandbo/ONE,TWO``.
            opts: the engine's options.
        """
        resource = EdgeFunctionSecrets.__new__(EdgeFunctionSecrets)
        pulumi.CustomResource.__init__(
            resource,
            "supabase:index:EdgeFunctionSecrets",
            resource_name,
            {
                "projectRef": None,
                "values": None,
                "adopt": None,
                "existing": None,
                "fingerprints": None,
                "digests": None,
                "created": None,
                "key": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="values")
    def values(self) -> pulumi.Output[Mapping[str, str]]:
        """The secrets by name. Names do not begin with `SUPABASE_`; a value has at most 24,576 characters.
        (Supabase Management API)
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "values")
        return value

    @property
    @pulumi.getter(name="adopt")
    def adopt(self) -> pulumi.Output[bool | None]:
        """Whether names that already exist with another value are overwritten. Default: false."""
        value: pulumi.Output[bool | None] = pulumi.get(self, "adopt")
        return value

    @property
    @pulumi.getter(name="existing")
    def existing(self) -> pulumi.Output[Sequence[str] | None]:
        """The names that the project had before the program, which are never deleted. Pass `existingSecrets`
        of `ProjectOriginals` to record them before anything is written. Without it, a create that was
        killed finds its own secrets and takes them for existing ones.
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "existing")
        return value

    @property
    @pulumi.getter(name="fingerprints")
    def fingerprints(self) -> pulumi.Output[Mapping[str, str]]:
        """By name, eight hexadecimal digits that change with the value: an HMAC-SHA256 with a random key,
        which is secret in the state, so that they reveal nothing about the value. For a function's
        `triggers`.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "fingerprints")
        return value

    @property
    @pulumi.getter(name="digests")
    def digests(self) -> pulumi.Output[Mapping[str, str]]:
        """By name, the SHA-256 of the last written value, which is compared with the digest at Supabase."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "digests")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[Sequence[str]]:
        """The names that did not exist before."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="key")
    def key(self) -> pulumi.Output[str]:
        """The key of the fingerprints."""
        value: pulumi.Output[str] = pulumi.get(self, "key")
        return value

class Migrations(pulumi.CustomResource):
    """A folder of SQL migrations, which are applied in the order of their versions, each in one transaction
    with its row in the history. The preview lists the migrations that would run. A file that was changed
    after it was applied, or that is older than an applied one, is an error. A database that is ahead of the
    folder is a warning. If a statement fails, the error has the file, the line and Postgres's message. Its
    migration is rolled back, and none after it runs. Concurrent updates apply each migration once. Deleting
    the resource does not change the data.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
        directory: The folder of `<14 digits>_<name>.sql` files. A relative path begins at the folder of the
            Pulumi program.
        history: The table of the history: `voicehooks` for the provider's own
            (`voicehooks.schema_migrations`), which `supabase db push` ignores, or `supabase` for the
            Supabase CLI's, if the files are in its folder. Changing it records the applied migrations in
            the other table and runs nothing. Default: `voicehooks`. One of `voicehooks`, `supabase`.
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

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> Migrations:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the project's reference, with ``/supabase`` appended for the Supabase CLI's history.
            opts: the engine's options.
        """
        resource = Migrations.__new__(Migrations)
        pulumi.CustomResource.__init__(
            resource,
            "supabase:index:Migrations",
            resource_name,
            {
                "projectRef": None,
                "directory": None,
                "history": None,
                "files": None,
                "applied": None,
                "latest": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="directory")
    def directory(self) -> pulumi.Output[str]:
        """The folder of `<14 digits>_<name>.sql` files. A relative path begins at the folder of the Pulumi
        program.
        """
        value: pulumi.Output[str] = pulumi.get(self, "directory")
        return value

    @property
    @pulumi.getter(name="history")
    def history(self) -> pulumi.Output[str | None]:
        """The table of the history: `voicehooks` for the provider's own (`voicehooks.schema_migrations`),
        which `supabase db push` ignores, or `supabase` for the Supabase CLI's, if the files are in its
        folder. Changing it records the applied migrations in the other table and runs nothing. Default:
        `voicehooks`. One of `voicehooks`, `supabase`.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "history")
        return value

    @property
    @pulumi.getter(name="files")
    def files(self) -> pulumi.Output[Mapping[str, str]]:
        """The migrations by file name, each with the first sixteen hexadecimal digits of its checksum."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "files")
        return value

    @property
    @pulumi.getter(name="applied")
    def applied(self) -> pulumi.Output[Sequence[str]]:
        """The applied versions of this folder."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "applied")
        return value

    @property
    @pulumi.getter(name="latest")
    def latest(self) -> pulumi.Output[str]:
        """The newest applied version; empty if there is none."""
        value: pulumi.Output[str] = pulumi.get(self, "latest")
        return value

class ProjectOriginals(pulumi.CustomResource):
    """Records in the state which of some secrets and functions a project has. It writes nothing at Supabase.

    Pass `existingSecrets` to `EdgeFunctionSecrets` as `existing`, and a function's part of `functionFiles`
    to an adopting `EdgeFunction` as `original`. The previous files are then in the state before anything is
    written. They can be restored even if the update was killed, or an answer was lost. A record never
    changes. Never change the resource's name or parent.

    Args:
        resource_name: the resource's logical name.
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
        secret_names: The secrets to look for. Their values are not readable.
        functions: The slugs of the functions that the program adopts, whose files are recorded.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        project_ref: pulumi.Input[str],
        secret_names: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        functions: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "supabase:index:ProjectOriginals",
            resource_name,
            {
                "projectRef": project_ref,
                "secretNames": secret_names,
                "functions": functions,
                "existingSecrets": None,
                "functionFiles": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['functionFiles']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> ProjectOriginals:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the project ref; the program's names are then read by the next update.
            opts: the engine's options.
        """
        resource = ProjectOriginals.__new__(ProjectOriginals)
        pulumi.CustomResource.__init__(
            resource,
            "supabase:index:ProjectOriginals",
            resource_name,
            {
                "projectRef": None,
                "secretNames": None,
                "functions": None,
                "existingSecrets": None,
                "functionFiles": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="projectRef")
    def project_ref(self) -> pulumi.Output[str]:
        """The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase Management
        API)
        """
        value: pulumi.Output[str] = pulumi.get(self, "projectRef")
        return value

    @property
    @pulumi.getter(name="secretNames")
    def secret_names(self) -> pulumi.Output[Sequence[str] | None]:
        """The secrets to look for. Their values are not readable."""
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "secretNames")
        return value

    @property
    @pulumi.getter(name="functions")
    def functions(self) -> pulumi.Output[Sequence[str] | None]:
        """The slugs of the functions that the program adopts, whose files are recorded."""
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "functions")
        return value

    @property
    @pulumi.getter(name="existingSecrets")
    def existing_secrets(self) -> pulumi.Output[Sequence[str]]:
        """The secrets that the project had."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "existingSecrets")
        return value

    @property
    @pulumi.getter(name="functionFiles")
    def function_files(self) -> pulumi.Output[Mapping[str, str]]:
        """By slug, a function's files and settings as JSON; empty if there was no such function."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "functionFiles")
        return value

class GetProjectResult:
    """What :func:`get_project` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.name: str = result["name"]
        """The name in the dashboard."""
        self.region: str = result["region"]
        """Where it runs."""
        self.status: str = result["status"]
        """`ACTIVE_HEALTHY` for a running project."""
        self.organization_slug: str = result["organizationSlug"]
        """The project's organization."""
        self.created_at: str = result["createdAt"]
        """The time of its creation, ISO 8601."""
        self.database_host: str = result["databaseHost"]
        """The database's host for direct connections."""
        self.database_version: str = result["databaseVersion"]
        """The version of Postgres."""
        self.url: str = result["url"]
        """The public URL on Supabase's own domain."""


def get_project(*, project_ref: str, opts: pulumi.InvokeOptions | None = None) -> GetProjectResult:
    """A project: its name, its region and its status.

    Args:
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
    """
    answer = pulumi.runtime.invoke("supabase:index:getProject", {"projectRef": project_ref}, opts)
    return GetProjectResult(answer.value or {})


def get_project_output(*, project_ref: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetProjectResult]:
    """The same as :func:`get_project`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("supabase:index:getProject", {"projectRef": project_ref}, opts)
    return answer.apply(GetProjectResult)

class GetApiKeysResult:
    """What :func:`get_api_keys` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.publishable_keys: Mapping[str, str] = result["publishableKeys"]
        """Publishable keys (`sb_publishable_...`) by name."""
        self.secret_keys: Mapping[str, str] = result["secretKeys"]
        """Secret keys (`sb_secret_...`) by name; empty without `reveal`."""
        self.anon_key: str = result["anonKey"]
        """The legacy anon key; empty if legacy keys are disabled."""
        self.service_role_key: str = result["serviceRoleKey"]
        """The legacy service role key; empty without `reveal` or if legacy keys are disabled."""


def get_api_keys(*, project_ref: str, reveal: bool | None = None, opts: pulumi.InvokeOptions | None = None) -> GetApiKeysResult:
    """A project's API keys, new and legacy ones, all secret. Without `reveal` the keys that open everything
    (secret keys, the service role's) are left out.

    Args:
        project_ref: The project's reference: the 20 letters in `https://<reference>.supabase.co`. (Supabase
            Management API)
        reveal: Whether secret keys are returned too. Default: false.
    """
    answer = pulumi.runtime.invoke("supabase:index:getApiKeys", {"projectRef": project_ref, "reveal": reveal}, opts)
    return GetApiKeysResult(answer.value or {})


def get_api_keys_output(*, project_ref: pulumi.Input[str], reveal: pulumi.Input[bool] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetApiKeysResult]:
    """The same as :func:`get_api_keys`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("supabase:index:getApiKeys", {"projectRef": project_ref, "reveal": reveal}, opts)
    return answer.apply(GetApiKeysResult)
