// Package cells makes of what a learner writes in a cell what GoNB understands: statements without %%, mixed with
// declarations; x := f() that later cells know; a last expression that is the cell's result. kernel/CELLS.md describes
// it for those who write cells.
//
//	notebook := cells.Notebook{Packages: cells.LoadPackages(goCommand, "gopherlens/mlkit/...")}
//	cell := notebook.Rewrite("x := 6\nx * 7")
//	// … GoNB executes cell.Source, and its errors are about line cell.Lines[n-1] where they say n …
//	notebook.Ran(cell, true)
//
// A cell is read as GoNB reads it (special.go), split into declarations and statements by its tokens alone, so that
// this works in spite of mistakes (split.go), and parsed. Then it is decided which := are declarations (hoist.go) and
// whether there is a result (result.go, types.go, packages.go); and the changes are written into the source, which
// otherwise stays what it is, byte by byte (rewrite.go). The notebook remembers what GoNB remembers (notebook.go).
package cells
