package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// notebook is what the site shows of a notebook (nbformat 4.5).
type notebook struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		Source  text     `json:"source"`
		Outputs []output `json:"outputs"`
	} `json:"cells"`
}

// output is what a cell shows.
type output struct {
	Type string `json:"output_type"`
	// Of a stream.
	Name string `json:"name"`
	Text text   `json:"text"`
	// Of a display or a result, by MIME type. Pictures other than SVG are in base64.
	Data map[string]json.RawMessage `json:"data"`
	// Of an error.
	Error     string `json:"ename"`
	Why       string `json:"evalue"`
	Traceback []text `json:"traceback"`
}

// text is a text that the notebook format keeps either whole or as a list of lines.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var lines []string
	if json.Unmarshal(data, &lines) == nil {
		*t = text(strings.Join(lines, ""))
		return nil
	}
	var whole string
	err := json.Unmarshal(data, &whole)
	*t = text(whole)
	return err
}

func read(path string) (n notebook, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, fmt.Errorf("%s is no notebook: %w", path, err)
	}
	return n, nil
}
