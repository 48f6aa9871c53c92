package yizhan_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/yizhan/yizhan"

// fences holds the direction of dependencies: what packages below each folder may never import, even
// through others. docs/ARCHITECTURE.md says why.
var fences = []struct {
	folder string
	never  []string
}{
	{folder: ".", never: []string{"/store", "/feed", "/tiles", "/importers", "/api", "/migrations", "/web", "net/http", "database/sql", "encoding/json", "github.com/jackc", "github.com/gofiber"}},
	{folder: "geo", never: []string{"", "/store", "/feed", "/tiles", "/importers", "/api", "net/http", "database/sql", "github.com/jackc", "github.com/gofiber"}},
	{folder: "cql2", never: []string{"", "/geo", "/store", "/feed", "/tiles", "/importers", "/api", "/migrations", "/web", "net/http", "database/sql", "encoding/json", "github.com/jackc", "github.com/gofiber"}},
	{folder: "store", never: []string{"/feed", "/tiles", "/importers", "/api", "github.com/gofiber"}},
	{folder: "feed", never: []string{"/store", "/tiles", "/importers", "/api", "github.com/jackc", "github.com/gofiber"}},
	{folder: "tiles", never: []string{"/store", "/feed", "/importers", "/api", "github.com/jackc", "github.com/gofiber"}},
	{folder: "exports", never: []string{"", "/store", "/feed", "/tiles", "/importers", "/api", "/migrations", "/web", "github.com/jackc", "github.com/gofiber"}},
	{folder: "takeaway", never: []string{"/store", "/feed", "/tiles", "/importers", "/api", "/migrations", "/web", "github.com/jackc", "github.com/gofiber"}},
	{folder: "auth", never: []string{"/store", "/feed", "/tiles", "/importers", "/api", "/migrations", "/web", "github.com/jackc", "github.com/gofiber"}},
	{folder: "importers", never: []string{"/store", "/feed", "/tiles", "/api", "github.com/jackc", "github.com/gofiber"}},
	{folder: "api", never: []string{"/store", "/importers/demo", "/importers/formats", "/importers/gdal", "github.com/jackc"}},
}

type goPackage struct {
	ImportPath string
	Dir        string
	Doc        string
	Deps       []string
}

func TestDependenciesPointOneWay(t *testing.T) {
	packages := listPackages(t)
	for _, fence := range fences {
		checked := 0
		for _, p := range packages {
			if !below(p.ImportPath, fence.folder) {
				continue
			}
			checked++
			for _, dep := range p.Deps {
				if banned, is := bannedBy(dep, fence.never); is {
					t.Errorf("%s depends on %s, which the fence of %q forbids (%s)", p.ImportPath, dep, fence.folder, banned)
				}
			}
		}
		if checked == 0 {
			t.Errorf("fence %q guards no package", fence.folder)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range listPackages(t) {
		name := filepath.Base(p.Dir)
		if strings.HasPrefix(p.Doc, "Package ") || strings.HasPrefix(p.Doc, "Command ") {
			continue
		}
		t.Errorf("package %s has no comment that begins with %q", p.ImportPath, "Package "+name)
	}
}

func below(importPath, folder string) bool {
	if folder == "." {
		return importPath == module
	}
	root := module + "/" + folder
	return importPath == root || strings.HasPrefix(importPath, root+"/")
}

func bannedBy(dep string, never []string) (string, bool) {
	i := slices.IndexFunc(never, func(banned string) bool {
		switch {
		case banned == "":
			return dep == module
		case strings.HasPrefix(banned, "/"):
			return dep == module+banned || strings.HasPrefix(dep, module+banned+"/")
		}
		return dep == banned || strings.HasPrefix(dep, banned+"/")
	})
	if i < 0 {
		return "", false
	}
	return never[i], true
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
