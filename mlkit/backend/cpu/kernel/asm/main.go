// Command asm writes the x86 assembly of package kernel and its Go declarations.
// Run it with go generate in the folder above; the same source gives the same bytes.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

const kernelPackage = "gopherlens/mlkit/backend/cpu/kernel"

// outputs names each generated pair NAME_amd64.s and NAME_amd64.go and what fills it.
var outputs = []struct {
	name string
	fill func(*build.Context)
}{
	{"tile_avx512", func(c *build.Context) { tiles(newAVX512(c)) }},
	{"gemm_avx512", func(c *build.Context) { gemm(newAVX512(c)) }},
	{"gemm_avx2", func(c *build.Context) { gemm(newAVX2(c)) }},
	{"vector_avx512", func(c *build.Context) { vectors(newAVX512(c)) }},
	{"vector_avx2", func(c *build.Context) { vectors(newAVX2(c)) }},
	{"pool_avx512", func(c *build.Context) { pools(newAVX512(c)) }},
	{"pool_avx2", func(c *build.Context) { pools(newAVX2(c)) }},
	{"conv_avx512", func(c *build.Context) { convs(newAVX512(c)) }},
	{"conv_avx2", func(c *build.Context) { convs(newAVX2(c)) }},
	{"tile_avx2", func(c *build.Context) { tiles(newAVX2(c)) }},
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: asm FOLDER (where the generated files go)")
	}
	if err := writeAll(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// writeAll writes all generated files to a folder.
func writeAll(folder string) error {
	if err := dispatch(filepath.Join(folder, "dispatch_amd64.go")); err != nil {
		return err
	}
	if err := writeNEON(folder); err != nil {
		return err
	}
	for _, o := range outputs {
		if err := generate(filepath.Join(folder, o.name+"_amd64"), o.fill); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}

// generate writes path.s and path.go.
func generate(path string, fill func(*build.Context)) error {
	c := build.NewContext()
	c.ConstraintExpr("amd64")
	fill(c)
	s, err := os.Create(path + ".s")
	if err != nil {
		return err
	}
	defer s.Close()
	stubs, err := os.Create(path + ".go")
	if err != nil {
		return err
	}
	defer stubs.Close()
	config := printer.Config{Name: "avo", Pkg: "kernel", Argv: []string{"go", "generate"}}
	status := build.Main(&build.Config{
		ErrOut: os.Stderr,
		Passes: []pass.Interface{
			pass.Compile,
			&pass.Output{Writer: s, Printer: printer.NewGoAsm(config)},
			&pass.Output{Writer: stubs, Printer: printer.NewStubs(config)},
		},
	}, c)
	if status != 0 {
		return os.ErrInvalid
	}
	return nil
}
