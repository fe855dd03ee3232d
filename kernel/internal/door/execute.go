package door

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/mistakes"
)

// runner is the state of the goroutine that executes cells.
type runner struct {
	notebook cells.Notebook
	lasting  []string          // the commands as %cd and %env that hold for later cells, too
	earlier  []mistakes.Source // the cells that GoNB has taken, the latest first
	count    int               // of the cells that were executed and stored
	ready    chan struct{}
	failure  error // why there is no GoNB
}

// execution is the content of an execute_request.
type execution struct {
	Code        json.RawMessage   `json:"code"` // a string
	Silent      bool              `json:"silent"`
	Store       *bool             `json:"store_history"`
	Expressions map[string]string `json:"user_expressions"`
	AllowStdin  bool              `json:"allow_stdin"`
	StopOnError *bool             `json:"stop_on_error"`
}

// outcome is how GoNB says that a cell went.
type outcome struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

func failedExecution(count int, name, value string) map[string]any {
	answer := failed(name, value)
	answer["execution_count"], answer["user_expressions"], answer["payload"] = count, map[string]any{}, []any{}
	return answer
}

// execute executes a cell and returns those that wait, if they are to be aborted.
func (d *Door) execute(r request, replied *bool) (aborted []request) {
	d.publish("status", r.m.Header, map[string]any{"execution_state": "busy"})
	var ask execution
	err := json.Unmarshal(r.m.Content, &ask)
	code, long := "", len(ask.Code) >= longest // then the code is not read
	switch {
	case err != nil:
	case !long:
		if err = json.Unmarshal(ask.Code, &code); err == nil {
			ask.Code, err = json.Marshal(code)
		}
	case ask.Code[0] != '"':
		err = errors.New("the code is no string")
	}
	if err != nil {
		*replied = true
		d.reply(r, failedExecution(d.count, "BadRequest", err.Error()))
		return nil
	}
	store := !ask.Silent && (ask.Store == nil || *ask.Store)
	if store {
		d.count++
		if strings.TrimSpace(code) != "" {
			d.history.add(d.count, code)
		}
	}
	if !ask.Silent {
		d.publish("execute_input", r.m.Header, withCode(ask.Code, map[string]any{"execution_count": d.count}))
	}
	answer := map[string]any{"status": "ok", "execution_count": d.count, "user_expressions": map[string]any{}, "payload": []any{}}
	if name, asked := pagerName(code); asked {
		answer["payload"] = d.page(name)
	} else if problem := d.runCell(r, ask, code, store); problem != nil {
		if ask.StopOnError == nil || *ask.StopOnError {
			aborted = d.takeQueue() // what is sent after the reply does not wait yet
		}
		answer = failedExecution(d.count, problem.Name, problem.Value)
		answer["traceback"] = problem.Traceback
		d.publish("error", r.m.Header, map[string]any{"ename": problem.Name, "evalue": problem.Value, "traceback": problem.Traceback})
	} else if len(ask.Expressions) > 0 {
		answer["user_expressions"] = d.evaluate(ask.Expressions)
	}
	*replied = true
	d.reply(r, answer)
	if long {
		go debug.FreeOSMemory()
	}
	return aborted
}

// runCell has GoNB execute a cell. It returns what went wrong.
func (d *Door) runCell(r request, ask execution, code string, store bool) *mistakes.Message {
	done := d.config.Background.Hurry() // what is looked up about packages is waited for
	sent := code
	code = cells.Tidy(sent)
	cell := d.notebook.Rewrite(code)
	done()
	body := ask.Code
	if cell.Source != sent {
		body, _ = json.Marshal(cell.Source)
	}
	if slowToBegin(body) {
		body = slices.Concat([]byte(`"\n`), body[1:])
		cell.Lines = slices.Insert(cell.Lines, 0, 0)
	}
	defer d.config.Background.Pause()()
	out := output{d: d, parent: r.m.Header, count: d.count, silent: ask.Silent, history: store}
	var child *gonb
	var reply wire.Message
	var err error
	for attempt := 1; attempt <= 2; attempt++ { // GoNB may have ended since the last cell
		if child, err = d.gonb(); err != nil {
			if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
				return kernelError(mistakes.DiskFull + " (" + err.Error() + "). Delete what you don't need, and run the cell again.")
			}
			return kernelError("The cell cannot be executed: " + err.Error() + ".")
		}
		if len(cell.Replaces) > 0 {
			_, _ = d.hidden(child, "%rm "+strings.Join(cell.Replaces, " "), nil)
		}
		child.cells++
		reply, err = child.execute(r.m.Header, r.h.ID, content(body, true, ask.AllowStdin), func(kind string, m wire.Message) {
			if kind == "input_request" {
				d.ask(r, ask.AllowStdin, child, m)
				return
			}
			out.take(kind, m)
		})
		if err != errUnmet {
			break
		}
	}
	var went outcome
	if err == nil {
		err = json.Unmarshal(reply.Content, &went)
	}
	d.mu.Lock()
	interrupted := d.interrupted
	d.asked = nil
	d.mu.Unlock()
	if err != nil {
		return d.crashed(child, interrupted)
	}
	if went.Status == "ok" {
		out.release()
		d.ran(cell, true)
		d.keep(code, cell, child.cells)
		return nil
	}
	f := mistakes.Failure{Cell: code, Given: cell.Source, Lines: cell.Lines, Number: d.count, GoNB: child.cells, Name: went.Name, Value: went.Value,
		Traceback: went.Traceback, Stderr: out.stderr.String(), Card: out.card, Earlier: d.earlier}
	f.Main = mistakes.Program(f, child.dir)
	problem := mistakes.Explain(f)
	if interrupted {
		const stopped = "The cell was stopped."
		problem = mistakes.Message{Name: "Interrupted", Value: stopped, Traceback: []string{stopped}}
	}
	// What compiles, GoNB has taken, even if the program failed then.
	compiled := exited.MatchString(went.Value + "\n")
	taken := compiled && !d.forget(child, cell, f.Stderr)
	if !compiled && len(cell.Replaces) > 0 {
		_, _ = d.declare(child, d.notebook.Source())
	}
	d.ran(cell, taken)
	if taken {
		d.keep(code, cell, f.GoNB)
	}
	return &problem
}

// keep keeps the text of a cell, in which later errors may be.
func (d *Door) keep(source string, cell cells.Cell, number int) {
	const most, long = 100, 64 << 10
	if len(source) < long {
		d.earlier = slices.Insert(d.earlier[:min(len(d.earlier), most-1)], 0, mistakes.Source{Number: d.count, GoNB: number,
			Cell: source, Given: cell.Source, Lines: cell.Lines})
	}
}

// slowToBegin tells whether a cell begins with so long a line that GoNB, which looks for a command there, takes the
// square of its length in time: 0.9 MB took minutes.
func slowToBegin(code json.RawMessage) bool {
	const long = 16 << 10
	return len(code) > long && !bytes.Contains(code[:long], []byte(`\n`)) && code[1] != '%' && code[1] != '!'
}

// longest is the length from which on a cell is data. It goes to GoNB as it came, and not into the history; nothing
// reads it here, which would take seconds.
const longest = 1 << 20

// ran notes what a cell has declared.
func (d *Door) ran(cell cells.Cell, known bool) {
	d.notebook.Ran(cell, known)
	if !known {
		return
	}
	for _, line := range strings.Split(cell.Source, "\n") {
		if lasting.MatchString(line) {
			d.lasting = append(d.lasting, line)
		}
	}
	if d.config.Helper != nil {
		d.config.Helper.Declare(d.notebook.Source())
	}
}

// lasting matches commands that hold for later cells, too.
var lasting = regexp.MustCompile(`^(//gonb:)?%(cd|env|goflags|autoget|noautoget|track|untrack)\b`)

// forget has GoNB forget what a cell declares if its variables do not get through their initialisation: they would
// be evaluated again, and fail again, in every later cell. What the names were before, they are then again.
func (d *Door) forget(child *gonb, cell cells.Cell, stderr string) (forgotten bool) {
	if len(cell.Declares) == 0 || strings.Contains(stderr, "main.main()") { // it was the program that failed
		return false
	}
	if went, err := d.hidden(child, "%%\n{}", nil); err != nil || went.Status == "ok" {
		return false
	}
	if _, err := d.hidden(child, "%rm "+strings.Join(cell.Declares, " "), nil); err == nil {
		if before := d.notebook.Source(); before != "" {
			_, _ = d.declare(child, before)
		}
	}
	return true
}

// content is the content of GoNB's execute_request. GoNB needs all of it, and publishes no execute_input for
// what is silent: ours comes from here. It gives a cell a number of its own if that is to be counted.
func content(code json.RawMessage, counted, stdin bool) json.RawMessage {
	return withCode(code, map[string]any{"silent": true, "store_history": counted, "allow_stdin": stdin,
		"user_expressions": map[string]any{}, "stop_on_error": true})
}

// withCode is an object with a code, which may be long, and the rest.
func withCode(code json.RawMessage, rest map[string]any) json.RawMessage {
	end, _ := json.Marshal(rest)
	return slices.Concat([]byte(`{"code":`), code, []byte(","), end[1:])
}

// hidden has GoNB execute something that nobody sees. It returns what was displayed, and how it went.
func (d *Door) hidden(child *gonb, source string, take func(kind string, m wire.Message)) (outcome, error) {
	return d.unseen(child, source, false, take)
}

// declare has GoNB declare again what it knew already. No cell is to have the number that it gives that.
func (d *Door) declare(child *gonb, source string) (outcome, error) {
	child.cells++
	return d.unseen(child, source, true, nil)
}

func (d *Door) unseen(child *gonb, source string, counted bool, take func(kind string, m wire.Message)) (outcome, error) {
	id := wire.NewID()
	header, _ := json.Marshal(wire.Header{ID: id, Session: d.session, Type: "execute_request", Version: wire.Version})
	if take == nil {
		take = func(string, wire.Message) {}
	}
	code, _ := json.Marshal(source)
	reply, err := child.execute(header, id, content(code, counted, false), take)
	var went outcome
	if err == nil {
		err = json.Unmarshal(reply.Content, &went)
	}
	return went, err
}

// evaluate gives the values of expressions that a client wants to know besides.
func (d *Door) evaluate(expressions map[string]string) map[string]any {
	values := map[string]any{}
	for name, expression := range expressions {
		values[name] = d.value(expression)
	}
	return values
}

func (d *Door) value(expression string) any {
	child, err := d.gonb()
	if err != nil {
		return failed("KernelError", err.Error())
	}
	var shown map[string]any
	cell := d.notebook.Rewrite(expression) // it declares nothing, or nobody learns of it
	went, err := d.hidden(child, cell.Source, func(kind string, m wire.Message) {
		if kind == "display_data" {
			if bundle, isResult := asResult(m.Content); isResult {
				shown = bundle
			}
		}
	})
	switch {
	case err != nil:
		return failed("KernelError", err.Error())
	case went.Status != "ok":
		return failed(went.Name, went.Value)
	case shown == nil:
		return failed("NoValue", expression+" has no value")
	}
	return map[string]any{"status": "ok", "data": shown["data"], "metadata": map[string]any{}}
}

// pagerName is the name that a cell like ?fmt.Println or fmt.Println? asks about.
func pagerName(code string) (name string, asked bool) {
	code = strings.TrimSpace(code)
	name = strings.TrimSpace(strings.Trim(code, "?"))
	return name, name != code && name != "" && !strings.ContainsAny(name, " \t\n?")
}

// page is the payload that shows what is known of a name.
func (d *Door) page(name string) []any {
	data, found := d.look(question{Code: name, Cursor: len([]rune(name))})
	if !found {
		data = map[string]string{"text/plain": "Nothing is known of " + name + "."}
	}
	return []any{map[string]any{"source": "page", "data": data, "start": 0}}
}
