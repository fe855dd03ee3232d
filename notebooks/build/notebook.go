package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
)

// notebook is what of the notebook format (nbformat 4.5) the lesson needs.
type notebook struct {
	Cells    []cell         `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
	figures  string         // the folder that the figures lie in, as seen from the notebook
}

type cell struct {
	Type           string         `json:"cell_type"`
	ExecutionCount *int           `json:"-"`
	ID             string         `json:"id"`
	Metadata       map[string]any `json:"metadata"`
	Source         []string       `json:"source"`
}

// MarshalJSON writes execution_count and outputs where the format wants them: in code cells only.
func (c cell) MarshalJSON() ([]byte, error) {
	type common cell
	if c.Type != "code" {
		return marshal(common(c))
	}
	return marshal(struct {
		common
		ExecutionCount *int  `json:"execution_count"`
		Outputs        []any `json:"outputs"`
	}{common(c), nil, []any{}})
}

// marshal is json.Marshal without turning < into an escape: sources are read by people.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// student is the notebook that a learner opens: todos unfilled, solutions folded.
func (l lesson) student() notebook {
	n := newNotebook("figures")
	for i, b := range l.Blocks {
		n.add(b, b.Text)
		t := b
		if b.Kind == check && i > 0 {
			t = l.Blocks[i-1]
		}
		checkFollows := b.Kind == todo && i+1 < len(l.Blocks) && l.Blocks[i+1].Kind == check
		if t.Kind == todo && !checkFollows {
			n.add(block{Kind: markdown}, "<details><summary>Solution</summary>\n\n```go\n"+t.Solution+"\n```\n\n</details>")
		}
	}
	return n
}

// solution is the notebook with every todo filled in.
func (l lesson) solution() notebook {
	n := newNotebook("../figures")
	for _, b := range l.Blocks {
		if b.Kind == todo {
			n.add(b, b.Answer)
		} else {
			n.add(b, b.Text)
		}
	}
	return n
}

// newNotebook is a notebook without cells, for which the figures lie in a folder.
func newNotebook(figures string) notebook {
	return notebook{
		figures: figures,
		Format:  4, Minor: 5,
		Metadata: map[string]any{
			"kernelspec":    map[string]any{"display_name": "Go (Gopherlens)", "language": "go", "name": "gopherlens"},
			"language_info": map[string]any{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
		},
	}
}

func (n *notebook) add(b block, text string) {
	c := cell{Type: "code", Metadata: map[string]any{}, Source: strings.SplitAfter(text, "\n")}
	switch b.Kind {
	case markdown:
		c.Type = "markdown"
		c.Source = strings.SplitAfter(figure.ReplaceAllString(text, "![$1]("+n.figures+"/$2.svg)"), "\n")
	case todo:
		c.Metadata["nbgrader"] = nbgrader{ID: b.ID, Solution: true}.metadata()
	case check:
		c.Metadata["nbgrader"] = nbgrader{ID: "check " + b.ID, Grade: true}.metadata()
		c.Metadata["deletable"], c.Metadata["editable"] = false, false
	}
	// The id outlives an edit of other cells, so that a diff shows only what changed.
	c.ID = fmt.Sprintf("%x", sha256.Sum256([]byte(b.ID+"\x00"+text)))[:12]
	for _, other := range n.Cells {
		if other.ID == c.ID {
			c.ID += fmt.Sprintf("-%d", len(n.Cells))
		}
	}
	n.Cells = append(n.Cells, c)
}

// nbgrader marks the cells that nbgrader's assignments are made of: those to fill in, and those to grade by.
type nbgrader struct {
	ID              string
	Solution, Grade bool
}

func (g nbgrader) metadata() map[string]any {
	m := map[string]any{
		"grade_id": strings.ReplaceAll(g.ID, " ", "-"), "schema_version": 3,
		"solution": g.Solution, "grade": g.Grade, "locked": g.Grade, "task": false,
	}
	if g.Grade {
		m["points"] = 1
	}
	return m
}
