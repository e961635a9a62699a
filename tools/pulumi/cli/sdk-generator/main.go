// Writes the SDK of a Pulumi package, as `pulumi package gen-sdk` does with the official language hosts.
// The hosts that can be built from Go modules are older than this command, so the tests call the same
// generators of Pulumi directly.
//
//	sdk-generator nodejs|go SCHEMA.json FOLDER
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 3 {
		return errors.New("usage: sdk-generator nodejs|go SCHEMA.json FOLDER")
	}
	language, file, folder := arguments[0], arguments[1], arguments[2]
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	options := schema.ValidationOptions{AllowDanglingReferences: false}
	bound, problems, err := schema.BindSpec(spec, noOtherPackages{}, options)
	if err != nil {
		return err
	}
	if problems.HasErrors() {
		return problems
	}
	files, err := generate(language, bound)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func generate(language string, bound *schema.Package) (map[string][]byte, error) {
	switch language {
	case "nodejs":
		return nodejs.GeneratePackage("sdk-generator", bound, nil, nil, true, nil)
	case "go":
		return gogen.GeneratePackage("sdk-generator", bound, nil)
	}
	return nil, fmt.Errorf("%s: this program writes nodejs or go", language)
}

// Our schemas refer to no other package.
type noOtherPackages struct{}

var errOtherPackage = errors.New("the schema refers to another package, which this program does not load")

func (noOtherPackages) LoadPackage(string, *semver.Version) (*schema.Package, error) {
	return nil, errOtherPackage
}

func (noOtherPackages) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errOtherPackage
}
