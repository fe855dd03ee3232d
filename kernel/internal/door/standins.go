package door

import "strings"

// Cell is a cell as GoNB gets it.
type Cell struct {
	Source   string
	Lines    []int
	Declares []string
	Result   bool
}

// Notebook is what the cells so far have declared.
type Notebook struct{}

func (n *Notebook) Rewrite(source string) Cell { return Cell{Source: source} }
func (n *Notebook) Ran(c Cell, ok bool)        {}

func complete(source string) (status, indent string) {
	if strings.Count(source, "{") > strings.Count(source, "}") {
		return "incomplete", "\t"
	}
	if strings.Count(source, "{") < strings.Count(source, "}") {
		return "invalid", ""
	}
	return "complete", ""
}

// Failure is what GoNB says of a cell that failed.
type Failure struct {
	Cell        string
	Lines       []int
	Number      int
	Name, Value string
	Traceback   []string
	Stderr      string
}

// Message is an error for people.
type Message struct {
	Name, Value string
	Traceback   []string
}

func explain(f Failure) Message {
	traceback := f.Traceback
	if at := panicking.FindStringIndex(f.Stderr); at != nil {
		traceback = append([]string{f.Stderr[at[0]:]}, traceback...)
	}
	return Message{f.Name, f.Value, traceback}
}
