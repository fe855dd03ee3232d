package door

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/door/wire"
)

// answer is the content of the reply to a question that needs no execution.
func (d *Door) answer(r request) any {
	if len(r.m.Content) > longest {
		return tooLong(r)
	}
	switch r.h.Type {
	case "kernel_info_request":
		return d.kernelInfo()
	case "connect_request":
		return map[string]any{"status": "ok"}
	case "is_complete_request":
		var ask struct {
			Code string `json:"code"`
		}
		if err := json.Unmarshal(r.m.Content, &ask); err != nil {
			return failed("BadRequest", err.Error())
		}
		status, indent := cells.Complete(ask.Code)
		if status == "incomplete" {
			return map[string]any{"status": status, "indent": indent}
		}
		return map[string]any{"status": status}
	case "history_request":
		var ask historyRequest
		if err := json.Unmarshal(r.m.Content, &ask); err != nil {
			return failed("BadRequest", err.Error())
		}
		found, err := d.history.find(ask)
		if err != nil {
			answer := failed("HistoryError", err.Error())
			answer["history"] = []any{}
			return answer
		}
		return map[string]any{"status": "ok", "history": found}
	case "comm_info_request":
		return d.commInfo(r)
	case "complete_request":
		return d.complete(r)
	case "inspect_request":
		return d.inspect(r)
	default:
		return failed("NotImplemented", fmt.Sprintf("This kernel knows no %s.", r.h.Type))
	}
}

// tooLong is the answer to a question that is longer than what somebody writes: to look into it would take seconds.
func tooLong(r request) any {
	switch r.h.Type {
	case "is_complete_request":
		return map[string]any{"status": "unknown"}
	case "complete_request":
		return map[string]any{"status": "ok", "matches": []string{}, "cursor_start": 0, "cursor_end": 0, "metadata": map[string]any{}}
	case "inspect_request":
		return map[string]any{"status": "ok", "found": false, "data": map[string]any{}, "metadata": map[string]any{}}
	default:
		return failed("BadRequest", fmt.Sprintf("A %s of %d bytes is too long.", r.h.Type, len(r.m.Content)))
	}
}

// failed is the content of a reply that tells of an error.
func failed(name, value string) map[string]any {
	return map[string]any{"status": "error", "ename": name, "evalue": value, "traceback": []string{}}
}

func (d *Door) kernelInfo() any {
	return map[string]any{
		"status":                 "ok",
		"protocol_version":       wire.Version,
		"implementation":         "gopherlens",
		"implementation_version": "1.0",
		"language_info": map[string]any{
			"name":               "go",
			"version":            d.config.GoVersion,
			"mimetype":           "text/x-go",
			"file_extension":     ".go",
			"pygments_lexer":     "go",
			"codemirror_mode":    "go",
			"nbconvert_exporter": "script",
		},
		"banner": "Go " + d.config.GoVersion + " (Gopherlens, with GoNB). Declarations are kept from cell to cell; %help tells more.",
		"help_links": []map[string]string{
			{"text": "A tour of Go", "url": "https://go.dev/tour/"},
			{"text": "Go's standard library", "url": "https://pkg.go.dev/std"},
			{"text": "GoNB, which runs the cells", "url": "https://github.com/janpfeifer/gonb"},
			{"text": "GoMLX, which computes", "url": "https://pkg.go.dev/github.com/gomlx/gomlx"},
		},
		"supported_features": []string{},
		"debugger":           false,
	}
}

// question is the content of a complete_request or an inspect_request.
type question struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

// helpTime is how long a client waits for help. A Tab that is answered later answers another question.
const helpTime = 4 * time.Second

func (d *Door) complete(r request) any {
	var ask question
	if err := json.Unmarshal(r.m.Content, &ask); err != nil {
		return failed("BadRequest", err.Error())
	}
	ask.Cursor = min(max(ask.Cursor, 0), utf8.RuneCountInString(ask.Code))
	answer := map[string]any{"status": "ok", "matches": []string{}, "cursor_start": ask.Cursor, "cursor_end": ask.Cursor, "metadata": map[string]any{}}
	if d.config.Helper != nil {
		ctx, cancel := context.WithTimeout(context.Background(), helpTime)
		defer cancel()
		if matches, start, end, metadata := d.config.Helper.Complete(ctx, ask.Code, ask.Cursor); len(matches) > 0 {
			answer["matches"], answer["cursor_start"], answer["cursor_end"] = matches, start, end
			if metadata != nil {
				answer["metadata"] = metadata
			}
		}
	}
	return answer
}

func (d *Door) inspect(r request) any {
	var ask question
	if err := json.Unmarshal(r.m.Content, &ask); err != nil {
		return failed("BadRequest", err.Error())
	}
	ask.Cursor = min(max(ask.Cursor, 0), utf8.RuneCountInString(ask.Code))
	data, found := d.look(ask)
	return map[string]any{"status": "ok", "found": found, "data": data, "metadata": map[string]any{}}
}

// look is what is known of the name at a cursor.
func (d *Door) look(ask question) (data map[string]string, found bool) {
	if d.config.Helper != nil {
		ctx, cancel := context.WithTimeout(context.Background(), helpTime)
		defer cancel()
		data, found = d.config.Helper.Inspect(ctx, ask.Code, ask.Cursor, ask.Detail)
	}
	if data == nil {
		data = map[string]string{}
	}
	return data, found
}

// target is the only kind of comm that GoNB knows.
const target = "gonb_comm"

// comm takes what a front end says to a cell's widgets.
func (d *Door) comm(r request) {
	var content struct {
		ID     string `json:"comm_id"`
		Target string `json:"target_name"`
	}
	if json.Unmarshal(r.m.Content, &content) != nil {
		return
	}
	d.mu.Lock()
	child := d.child
	switch r.h.Type {
	case "comm_open":
		if content.Target == target {
			d.comms[content.ID] = target
		}
	case "comm_close":
		delete(d.comms, content.ID)
	}
	_, open := d.comms[content.ID]
	d.remember(r)
	d.mu.Unlock()
	if r.h.Type == "comm_open" && !open {
		d.publish("comm_close", r.m.Header, map[string]any{"comm_id": content.ID, "data": map[string]any{}})
		return
	}
	if child != nil {
		_ = child.send(child.shell, wire.Message{Header: r.m.Header, Metadata: r.m.Metadata, Content: r.m.Content, Buffers: r.m.Buffers})
	}
}

func (d *Door) commInfo(r request) any {
	var ask struct {
		Target string `json:"target_name"`
	}
	_ = json.Unmarshal(r.m.Content, &ask)
	open := map[string]any{}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, name := range d.comms {
		if ask.Target == "" || ask.Target == name {
			open[id] = map[string]string{"target_name": name}
		}
	}
	return map[string]any{"status": "ok", "comms": open}
}
