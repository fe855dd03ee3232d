package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A lesson is one source file, taken apart.
type lesson struct {
	Blocks []block
}

// A block is one cell of a notebook, and what the tests know of it.
type block struct {
	Kind   kind
	Text   string // the cell's text; of a todo, as the learner finds it
	Answer string // of a todo: the cell filled in
	// Solution is the part of a todo that the learner writes.
	Solution string
	ID       string   // of a todo or a check: the exercise's
	Wrong    []string // of a todo: plausible wrong answers, whole cells
	Line     int      // where it begins in the source, from 1
}

type kind int

const (
	markdown kind = iota
	code
	todo
	check
)

var fence = regexp.MustCompile("^```(?:(quiz)|go(?:[ \t]+(?:(todo|check)=(.+)|(wrong)))?)[ \t]*$")

// parse takes a source file apart. Go fences are cells, and what stands between them is Markdown, in which
// ![alt text](figure:NAME) is the figure notebooks/figures/NAME.svg; a line "<!-- cell -->" ends a Markdown cell. A fence "go todo=ID" has the learner's part between the markers of
// nbgrader, "// BEGIN SOLUTION" and "// END SOLUTION", with what stands there before it is filled in
// behind "// STUB: "; "go wrong" fences after it are wrong answers, for the tests only; "go check=ID" is
// the check. A fence "quiz" is questions; see quiz.
func parse(text string) (l lesson, err error) {
	var words []string
	begun := 0
	flush := func() {
		if t := strings.Trim(strings.Join(words, "\n"), "\n"); t != "" {
			l.Blocks = append(l.Blocks, block{Kind: markdown, Text: t, Line: begun})
		}
		words = nil
	}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if line == "<!-- cell -->" {
			flush()
			continue
		}
		m := fence.FindStringSubmatch(line)
		if m == nil {
			if len(words) == 0 {
				begun = i + 1
			}
			words = append(words, line)
			continue
		}
		start := i + 1
		end := start
		for end < len(lines) && lines[end] != "```" {
			end++
		}
		if end == len(lines) {
			return l, fmt.Errorf("line %d: this cell is not closed by ```", start)
		}
		body := strings.Join(lines[start:end], "\n")
		i = end
		flush()
		b := block{Kind: code, Text: body, Line: start}
		switch {
		case m[1] == "quiz":
			b.Kind = markdown
			if b.Text, err = quiz(body); err != nil {
				return l, fmt.Errorf("line %d: this quiz: %w", start, err)
			}
		case m[4] == "wrong":
			last := len(l.Blocks) - 1
			if last < 0 || l.Blocks[last].Kind != todo {
				return l, fmt.Errorf("line %d: a wrong answer stands right after its todo", start)
			}
			l.Blocks[last].Wrong = append(l.Blocks[last].Wrong, body)
			continue
		case m[2] == "check":
			b.Kind, b.ID = check, m[3]
		case m[2] == "todo":
			b.Kind, b.ID = todo, m[3]
			if err := b.split(); err != nil {
				return l, fmt.Errorf("line %d: todo %s: %w", start, b.ID, err)
			}
		}
		l.Blocks = append(l.Blocks, b)
	}
	flush()
	return l, nil
}

var figure = regexp.MustCompile(`!\[([^\]]*)\]\(figure:([^)]*)\)`)

// checkFigures tells whether all figures of a lesson are in a folder, and have alt text.
func (l lesson) checkFigures(folder string) error {
	for _, b := range l.Blocks {
		for _, m := range figure.FindAllStringSubmatch(b.Text, -1) {
			if strings.TrimSpace(m[1]) == "" {
				return fmt.Errorf("the text that begins in line %d: the figure %s has no alt text", b.Line, m[2])
			}
			if _, err := os.Stat(filepath.Join(folder, m[2]+".svg")); err != nil {
				return fmt.Errorf("the text that begins in line %d: there is no figure %s: draw it in assets/figures, and run go run ./assets/figures", b.Line, m[2])
			}
		}
	}
	return nil
}

// split makes a todo's two versions out of its one text.
func (b *block) split() error {
	const begin, end, stub = "// BEGIN SOLUTION", "// END SOLUTION", "// STUB: "
	var student, answer, solution []string
	inside, regions := false, 0
	for _, line := range strings.Split(b.Text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == begin && !inside:
			inside = true
			regions++
		case trimmed == end && inside:
			inside = false
		case trimmed == begin || trimmed == end:
			return fmt.Errorf("%q out of order", trimmed)
		case inside && strings.HasPrefix(trimmed, stub):
			student = append(student, line[:strings.Index(line, stub)]+strings.TrimPrefix(trimmed, stub))
		case inside:
			solution = append(solution, line)
			answer = append(answer, line)
		default:
			student = append(student, line)
			answer = append(answer, line)
		}
	}
	if inside || regions != 1 || len(solution) == 0 {
		return fmt.Errorf("it needs one part between %q and %q", begin, end)
	}
	b.Text, b.Answer, b.Solution = strings.Join(student, "\n"), strings.Join(answer, "\n"), strings.Join(solution, "\n")
	return nil
}
