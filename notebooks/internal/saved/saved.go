// Package saved reads notebooks with their outputs, in version 4.5 of Jupyter's format.
package saved

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Notebook is what of a notebook is to be seen.
type Notebook struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		Source  Text     `json:"source"`
		Outputs []Output `json:"outputs"`
	} `json:"cells"`
}

// Output is what a cell shows.
type Output struct {
	Type string `json:"output_type"`
	// Of a stream.
	Text Text `json:"text"`
	// Of a display or a result, by MIME type. Pictures other than SVG are in base64.
	Data map[string]Text `json:"data"`
	// Of an error.
	Name      string `json:"ename"`
	Why       string `json:"evalue"`
	Traceback []Text `json:"traceback"`
}

// Text is a text that the format keeps either whole or as a list of lines.
type Text string

// UnmarshalJSON reads a text. JSON that is none, as some kinds of data are, stays what it is.
func (t *Text) UnmarshalJSON(data []byte) error {
	var lines []string
	if json.Unmarshal(data, &lines) == nil {
		*t = Text(strings.Join(lines, ""))
		return nil
	}
	var whole string
	if json.Unmarshal(data, &whole) != nil {
		whole = string(data)
	}
	*t = Text(whole)
	return nil
}

// Read reads a notebook.
func Read(path string) (n Notebook, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, fmt.Errorf("%s is no notebook: %w", path, err)
	}
	return n, nil
}
