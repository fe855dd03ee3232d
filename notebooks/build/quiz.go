package main

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// quiz makes Markdown of the questions of a quiz, which are written as
//
//	What does the bias do?
//
//	- [ ] It tilts the line.
//	  That is what the weight does.
//	- [x] It moves the line up or down.
//	  Every answer grows by it, whatever x is.
//
// with one right choice and an explanation for every choice. In the notebook each choice unfolds to its explanation:
// this needs no script and no kernel, works by keyboard, and is the same on a code-hosting site.
func quiz(text string) (string, error) {
	type choice struct {
		right             bool
		text, explanation string
	}
	var out strings.Builder
	var question string
	var choices []choice
	flush := func() error {
		right := 0
		for _, c := range choices {
			if c.right {
				right++
			}
			if c.explanation == "" {
				return fmt.Errorf("the choice %q has no explanation", c.text)
			}
		}
		if question == "" || len(choices) < 2 || right != 1 {
			return fmt.Errorf("the question %q has %d choices, %d of them right; it needs at least two, and one right", question, len(choices), right)
		}
		fmt.Fprintf(&out, "**%s**\n\n", question)
		for _, c := range choices {
			verdict := "✗ Not this one."
			if c.right {
				verdict = "✓ Right."
			}
			fmt.Fprintf(&out, "<details><summary>%s</summary>\n\n> %s %s\n\n</details>\n\n", inline(c.text), verdict, c.explanation)
		}
		out.WriteString("<br>\n\n") // before the next question
		question, choices = "", nil
		return nil
	}
	for _, line := range strings.Split(text, "\n") {
		mark, rest, isChoice := strings.Cut(line, "] ")
		switch {
		case strings.TrimSpace(line) == "":
		case isChoice && (mark == "- [ " || mark == "- [x"):
			choices = append(choices, choice{right: mark == "- [x", text: rest})
		case strings.HasPrefix(line, "  ") && len(choices) > 0:
			last := &choices[len(choices)-1].explanation
			*last = strings.TrimSpace(*last + " " + strings.TrimSpace(line))
		case len(choices) > 0:
			if err := flush(); err != nil {
				return "", err
			}
			question = line
		case question != "":
			return "", errors.New("a question stands on one line, with its choices below")
		default:
			question = line
		}
	}
	if err := flush(); err != nil {
		return "", err
	}
	return "### Check yourself\n\nOpen the answer that you think is right.\n\n" + strings.TrimSuffix(out.String(), "\n\n<br>\n\n"), nil
}

var codeOrStress = regexp.MustCompile("`([^`]+)`|\\*([^*]+)\\*")

// inline turns Markdown's code and stress into HTML, since a summary is no Markdown.
func inline(text string) string {
	return codeOrStress.ReplaceAllStringFunc(html.EscapeString(text), func(s string) string {
		tag := "em"
		if s[0] == '`' {
			tag = "code"
		}
		return "<" + tag + ">" + s[1:len(s)-1] + "</" + tag + ">"
	})
}
