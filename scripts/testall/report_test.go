package main

import (
	"bytes"
	"strings"
	"testing"
)

// What passed is counted, what failed is shown in full, what was skipped is said once.
func TestFollow(t *testing.T) {
	const events = `go: downloading example.com/x v1.0.0
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: got 1, want 2\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: says nothing\n"}
{"Action":"fail","Package":"p","Test":"TestA","Elapsed":1}
{"Action":"pass","Package":"p","Test":"TestB","Elapsed":1}
{"Action":"output","Package":"p","Output":"exit status 1\n"}
{"Action":"fail","Package":"p","Elapsed":2.5}
{"Action":"output","Package":"q","Test":"TestC","Output":"    labtest.go:9: skipped: needs Chromium\n"}
{"Action":"skip","Package":"q","Test":"TestC"}
{"Action":"output","Package":"q","Test":"TestD","Output":"    labtest.go:9: skipped: needs Chromium\n"}
{"Action":"skip","Package":"q","Test":"TestD"}
{"Action":"skip","Package":"q","Test":"TestE"}
{"Action":"skip","Package":"q","Test":"TestF"}
{"Action":"pass","Package":"q","Test":"TestF"}
{"Action":"pass","Package":"q","Elapsed":0.5}
{"Action":"skip","Package":"no-tests"}
{"ImportPath":"r","Action":"build-output","Output":"r.go:1:1: expected 'package'\n"}
{"ImportPath":"r","Action":"build-fail"}
{"Action":"fail","Package":"r","Elapsed":0}
`
	var out bytes.Buffer
	r := &report{w: &out}
	broken, err := r.follow(strings.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}
	if broken != 2 {
		t.Errorf("%d packages failed, want 2", broken)
	}
	r.summary()
	want := `go: downloading example.com/x v1.0.0
✗ p TestA
=== RUN   TestA
    a_test.go:3: got 1, want 2
exit status 1
  ✗ p (2.5 s)
  ✓ q (0.5 s)
r.go:1:1: expected 'package'
  ✗ r (0.0 s)

skipped: needs Chromium (2 times)
skipped: q TestE
2 passed, 1 failed, 3 skipped
`
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}
