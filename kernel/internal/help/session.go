package help

import (
	"context"
	"errors"
	"io"
	"log"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"gopherlens/kernel/internal/background"
)

const (
	restartAfter = 100 * time.Millisecond // and twice as long after each time that gopls died young
	restartMost  = 30 * time.Second
	grownUp      = time.Minute
	startMost    = 2 * time.Minute  // where gopls has cached nothing yet
	stuck        = 30 * time.Second // silent for so long after a question: gopls hangs
	unused       = 10 * time.Minute // without a question for so long, gopls gives its memory back, 100 MB

	firstID = 1000 // of a question; the requests that start a session have smaller ones
)

// settings keep gopls from work that nobody sees the result of.
var settings = map[string]any{
	"analyses": map[string]bool{}, "staticcheck": false, "vulncheck": "Off", "codelenses": map[string]bool{},
	"diagnosticsTrigger": "Save", // cells are never saved
	"completionBudget":   "100ms", "deepCompletion": false, "experimentalPostfixCompletions": false,
	"completeFunctionCalls": false, "completionDocumentation": false,
	"hoverKind": "FullDocumentation", "linksInHover": false,
	"completeUnimported": false, // it takes 100 ms
}

// capabilities say what we make of an answer: completions are plain text, documentation is Markdown.
var capabilities = map[string]any{
	"textDocument": map[string]any{
		"completion":    map[string]any{"completionItem": map[string]any{"snippetSupport": false}},
		"hover":         map[string]any{"contentFormat": []string{"markdown"}},
		"signatureHelp": map[string]any{"signatureInformation": map[string]any{"documentationFormat": []string{"markdown"}}},
	},
}

// session is a gopls that is started anew when it dies, and rests when nobody asks.
type session struct {
	gopls, dir string
	env        []string
	work       *background.Work
	cancel     context.CancelFunc
	ended      chan struct{}

	mu       sync.Mutex
	ids      uint64
	conn     *connection     // nil while there is none
	changed  chan struct{}   // closed when conn changes
	texts    map[string]text // what conn's gopls has, by file name
	answered bool            // it has answered a question
	asked    time.Time       // when it was asked the first question since it last said anything
	used     time.Time       // when it was started, or asked the last question
	resting  chan struct{}   // closed by the next question; nil if there is to be a gopls
}

type text struct {
	text    string
	version int
}

func startSession(ctx context.Context, gopls string, env []string, dir string, work *background.Work) *session {
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		gopls: gopls, dir: dir, work: work, cancel: cancel, ids: firstID, ended: make(chan struct{}), changed: make(chan struct{}),
		env: append(slices.Clone(env),
			"GOWORK=off",
			"GO_TELEMETRY_CHILD=2", // no second process that watches over the first
			"GOMEMLIMIT=256MiB", "GOGC=50",
		),
	}
	go s.keep(ctx)
	return s
}

func (s *session) close() {
	s.cancel()
	<-s.ended
}

// keep runs gopls until ctx ends.
func (s *session) keep(ctx context.Context) {
	defer close(s.ended)
	runtime.LockOSThread() // for Linux, gopls's parent is this thread
	wait := restartAfter
	for ctx.Err() == nil {
		began := time.Now()
		_ = s.run(ctx) // whatever it was: the remedy is the same
		if time.Since(began) > grownUp {
			wait = restartAfter
		}
		s.mu.Lock()
		resting := s.resting
		s.mu.Unlock()
		if resting != nil {
			select {
			case <-ctx.Done():
			case <-resting:
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, restartMost)
	}
}

// pipes are gopls's standard input and output, seen from here.
type pipes struct{ in, out *os.File }

func (p pipes) Read(b []byte) (int, error) { return p.out.Read(b) }
func (p pipes) Close() error               { return errors.Join(p.in.Close(), p.out.Close()) }
func (p pipes) Write(b []byte) (int, error) {
	_ = p.in.SetWriteDeadline(time.Now().Add(time.Second)) // a gopls that does not read must not stop us
	return p.in.Write(b)
}

// connection is a connection to gopls. Its end begins with the pipes: jsonrpc2 panics when it reads an answer after
// its own Close.
type connection struct {
	*jsonrpc2.Conn
	pipes pipes
}

func (c *connection) Close() { _ = c.pipes.Close() } // once more is an error, and does no harm

// run runs gopls once, and returns when it has ended and nothing of it is left.
func (s *session) run(ctx context.Context) error {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, theirIn.Close(), in.Close())
	}
	cmd := exec.Command(s.gopls, "serve")
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.SysProcAttr = s.dir, s.env, theirIn, theirOut, background.Attributes()
	err = cmd.Start()
	_ = errors.Join(theirIn.Close(), theirOut.Close())
	if err != nil {
		return errors.Join(err, in.Close(), out.Close())
	}
	remove := s.work.Add(cmd.Process.Pid)
	defer func() {
		remove()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it has nothing to save
		_ = cmd.Wait()
	}()
	ends := pipes{in, out}
	conn := &connection{jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(ends, codec{}), jsonrpc2.HandlerWithError(ignore),
		jsonrpc2.SetLogger(log.New(io.Discard, "", 0)), jsonrpc2.OnRecv(s.heard)), ends}
	defer conn.Close()
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()

	starting, cancel := context.WithTimeout(ctx, startMost)
	defer cancel()
	err = conn.Call(starting, "initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": uri(s.dir), "capabilities": capabilities, "initializationOptions": settings,
		"workspaceFolders": []map[string]string{{"uri": uri(s.dir), "name": "notebook"}},
	}, nil)
	if err == nil {
		err = conn.Notify(ctx, "initialized", struct{}{})
	}
	if err == nil { // so that it has read the files when it is told others, and need not look for packages again
		err = conn.Call(starting, "textDocument/hover", place{document{URI: s.uri(cellFile)}, position{}}, nil)
	}
	if err != nil {
		return err
	}
	s.connected(conn)
	defer s.connected(nil)
	for {
		s.mu.Lock()
		rest := time.Until(s.used.Add(unused))
		s.mu.Unlock()
		select {
		case <-conn.DisconnectNotify():
			return nil
		case <-time.After(rest):
		}
		s.rest(unused)
	}
}

// rest ends a gopls that was not used for so long, until there is a question.
func (s *session) rest(unused time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && time.Since(s.used) >= unused {
		s.conn.Close()
		s.conn, s.resting = nil, make(chan struct{})
	}
}

// ignore answers what gopls asks with nothing.
func ignore(context.Context, *jsonrpc2.Conn, *jsonrpc2.Request) (any, error) { return nil, nil }

// heard notes that gopls said something.
func (s *session) heard(*jsonrpc2.Request, *jsonrpc2.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = time.Time{}
}

func (s *session) connected(conn *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.texts, s.answered, s.asked, s.used = conn, map[string]text{}, false, time.Time{}, time.Now()
	close(s.changed)
	s.changed = make(chan struct{})
}

// warm tells whether gopls has answered a question yet.
func (s *session) warm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered
}

// question is a request to gopls and where its result goes.
type question struct {
	method string
	params any
	result any
}

var errNoAnswer = errors.New("gopls has not answered")

// ask waits for gopls, tells it the files' texts and asks it questions about them, all at once. It returns what
// went wrong with each. Another ask may follow before the answers are there.
func (s *session) ask(ctx context.Context, files map[string]string, questions ...question) []error {
	defer s.work.Hurry()()
	errs := make([]error, len(questions))
	conn, calls := s.send(ctx, files, questions)
	for i, q := range questions {
		if i >= len(calls) {
			errs[i] = errNoAnswer
			continue
		}
		if errs[i] = calls[i].Wait(ctx, q.result); ctx.Err() != nil && errs[i] != nil {
			_ = conn.Notify(ctx, "$/cancelRequest", map[string]any{"id": calls[i].id})
			s.unanswered(conn)
			continue
		}
		s.mu.Lock()
		s.answered = s.answered || s.conn == conn
		s.mu.Unlock()
	}
	return errs
}

// unanswered ends a gopls that has been silent for too long.
func (s *session) unanswered(conn *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == conn && !s.asked.IsZero() && time.Since(s.asked) > stuck {
		conn.Close()
	}
}

// call is a question that was sent.
type call struct {
	jsonrpc2.Waiter
	id uint64
}

// send sends files and questions when there is a gopls to send them to.
func (s *session) send(ctx context.Context, files map[string]string, questions []question) (*connection, []call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = time.Now()
	if s.resting != nil {
		close(s.resting)
		s.resting = nil
	}
	for s.conn == nil {
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-s.ended:
		case <-ctx.Done():
		}
		s.mu.Lock()
		select {
		case <-s.ended:
			return nil, nil
		default:
		}
		if ctx.Err() != nil {
			return nil, nil
		}
	}
	conn := s.conn
	if s.asked.IsZero() {
		s.asked = time.Now()
	}
	var calls []call
	err := s.tell(ctx, files)
	for _, q := range questions {
		if err != nil {
			break
		}
		var c call
		s.ids++
		c.id = s.ids
		c.Waiter, err = conn.DispatchCall(ctx, q.method, q.params, jsonrpc2.PickID(jsonrpc2.ID{Num: c.id}))
		if err == nil {
			calls = append(calls, c)
		}
	}
	if err != nil { // it reads no more, or half a message was written
		conn.Close()
	}
	return conn, calls
}

// tell sends the files' texts as far as gopls has others.
func (s *session) tell(ctx context.Context, files map[string]string) error {
	for name, content := range files {
		have, open := s.texts[name]
		if open && have.text == content {
			continue
		}
		now := text{content, have.version + 1}
		doc := map[string]any{"uri": s.uri(name), "version": now.version}
		method, params := "textDocument/didChange", map[string]any{
			"textDocument": doc, "contentChanges": []map[string]string{{"text": content}},
		}
		if !open {
			doc["languageId"], doc["text"] = "go", content
			method, params = "textDocument/didOpen", map[string]any{"textDocument": doc}
		}
		if err := s.conn.Notify(ctx, method, params); err != nil {
			return err
		}
		s.texts[name] = now
	}
	return nil
}

// uri is the address of a file in gopls's folder.
func (s *session) uri(name string) string { return uri(filepath.Join(s.dir, name)) }

func uri(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
