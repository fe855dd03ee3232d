package help

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The part of the Language Server Protocol that the package needs:
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"` // in UTF-16 code units
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type location struct {
	URI   string `json:"uri"`
	Range span   `json:"range"`
}

type document struct {
	URI     string `json:"uri"`
	Version int    `json:"version,omitempty"`
}

// place is a place in a document.
type place struct {
	TextDocument document `json:"textDocument"`
	Position     position `json:"position"`
}

type completionList struct {
	Items []completionItem `json:"items"`
}

type completionItem struct {
	Label    string `json:"label"`
	Detail   string `json:"detail"`
	Kind     int    `json:"kind"`
	TextEdit *struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	} `json:"textEdit"`
}

type hoverResult struct {
	Contents struct {
		Value string `json:"value"`
	} `json:"contents"`
}

type signatureHelp struct {
	Signatures []struct {
		Label         string `json:"label"`
		Documentation struct {
			Value string `json:"value"`
		} `json:"documentation"`
		Parameters []struct {
			Label string `json:"label"`
		} `json:"parameters"`
	} `json:"signatures"`
	ActiveParameter int `json:"activeParameter"`
}

// codec reads and writes messages with headers. It reads none that is larger than any honest answer.
type codec struct{}

const (
	maxHeaders = 16
	maxMessage = 32 << 20 // bytes
)

func (codec) WriteObject(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

func (codec) ReadObject(r *bufio.Reader, v any) error {
	length := -1
	for range maxHeaders {
		line, err := r.ReadSlice('\n') // at most a buffer
		if err != nil {
			return err
		}
		header := strings.TrimSpace(string(line))
		if header == "" {
			if length < 0 || length > maxMessage {
				return fmt.Errorf("a message of %d bytes", length)
			}
			data := make([]byte, length)
			if _, err := io.ReadFull(r, data); err != nil {
				return err
			}
			return json.Unmarshal(data, v)
		}
		if name, value, _ := strings.Cut(header, ":"); strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	return errors.New("a message without an end of its headers")
}
