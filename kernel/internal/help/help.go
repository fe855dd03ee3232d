// Package help answers what a notebook's front end asks while somebody writes a cell: what could stand here
// (Tab), and what is this (Shift-Tab).
//
// The answers come from gopls in a session of its own, which knows nothing of the running kernel: it sees one
// file with what the notebook has declared, and one with the cell as it is being written. So an answer waits
// neither for a running cell nor, longer than the bounds below, for gopls, which takes a second to start. Until
// then, and while it is busy, a completion is made of what can be read without it:
//
//	s, err := help.Start(ctx, c.Bin("gopls"), goenv.Cell(os.Environ(), c, g), c.Root, work)
//	defer s.Close()
//	s.Declare(`import "gopherlens/mlkit/nn"`)
//	matches, start, end, metadata := s.Complete(ctx, "nn.Conv", 7)
//
// Positions are counted in Unicode code points, as in Jupyter's protocol. What an answer replaces is always part
// of the cell.
//
// Mistakes are not underlined while somebody writes: neither Jupyter's protocol nor JupyterLab without an
// extension has a place for them.
package help

import (
	"context"
	"sync"
	"time"

	"gopherlens/kernel/internal/background"
)

// How long an answer may take. JupyterLab forgets a completion that takes more than a second.
const (
	firstCompletion = 350 * time.Millisecond // before gopls has answered anything: what is known without it will do
	completion      = 900 * time.Millisecond
	inspection      = 3 * time.Second
)

// Server answers questions about cells. Its methods may be called from several goroutines.
type Server struct {
	session      *session
	root, goroot string            // where packages lie: the clone's and Go's own
	packages     map[string]string // what a cell may use without importing it: import declarations by name

	mu                    sync.Mutex
	decls                 declared
	completing, inspected context.CancelFunc // they cancel the newest question of each kind
}

// Start starts a session of the program gopls in the environment env, which cells are compiled in too. The
// cells may import what the clone of Gopherlens in the folder root can. It returns at once: gopls starts in the
// background, and anew if it dies, until Close or until ctx ends. It is part of work, and pauses with it unless it is
// asked something.
func Start(ctx context.Context, gopls string, env []string, root string, work *background.Work) (*Server, error) {
	dir, packages, err := workspace(root)
	if err != nil {
		return nil, err
	}
	return &Server{
		session:  startSession(ctx, gopls, env, dir, work),
		root:     root,
		goroot:   goroot(env),
		packages: packages,
		decls:    declare("", packages),
	}, nil
}

// Close ends gopls and waits until it has ended.
func (s *Server) Close() { s.session.close() }

// Declare tells what the notebook has declared so far, as Go source: imports, constants, types, variables and
// functions in any order. It replaces what was told before.
func (s *Server) Declare(decls string) {
	declared := declare(decls, s.packages)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decls = declared
}

// begin returns a context for a question, which ends after limit, with ctx, or when the next question of its
// kind begins; and what the notebook has declared.
func (s *Server) begin(ctx context.Context, newest *context.CancelFunc, limit time.Duration) (context.Context, context.CancelFunc, declared) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	s.mu.Lock()
	defer s.mu.Unlock()
	if *newest != nil {
		(*newest)()
	}
	*newest = cancel
	return ctx, cancel, s.decls
}
