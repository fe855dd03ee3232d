package door

import (
	"database/sql"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// history is what the user has executed, in this and in earlier kernels. It is kept in a file that all kernels
// of a user share, or, where that cannot be used, in memory.
type history struct {
	work chan func(*store) // what is to be done with the database, one after the other
}

// store is the database, and the number of this kernel's session in it.
type store struct {
	db      *sql.DB
	session int64
	late    []entry // what could not be written yet
}

// entry is a cell.
type entry struct {
	line   int
	source string
}

const schema = `
CREATE TABLE IF NOT EXISTS sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cells (
	session INTEGER NOT NULL, line INTEGER NOT NULL, source TEXT NOT NULL, output TEXT,
	PRIMARY KEY (session, line));`

// maxKept is how many cells are kept; the oldest go first.
const maxKept = 20000

// openHistory returns at once. The file is opened meanwhile.
func openHistory(path string) *history {
	h := &history{work: make(chan func(*store), 1000)}
	go func() {
		s, err := openStore(path)
		if err != nil {
			log.Printf("The history cannot be kept in %s (%v): this kernel's is forgotten when it ends.", path, err)
			if s, err = openStore(""); err != nil {
				log.Printf("There is no history: %v.", err)
				s = nil
			}
		}
		for do := range h.work {
			if s != nil {
				do(s)
			}
		}
		if s != nil {
			s.db.Close()
		}
	}()
	return h
}

func openStore(path string) (*store, error) {
	name := ":memory:"
	if path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would let others read it
		if err != nil {
			return nil, err
		}
		file.Close()
		name = "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each would have a memory of its own
	if _, err = db.Exec(schema); err == nil {
		var result sql.Result
		if result, err = db.Exec(`INSERT INTO sessions (started) VALUES (?)`, time.Now().UTC().Format(time.RFC3339)); err == nil {
			s := &store{db: db}
			if s.session, err = result.LastInsertId(); err == nil {
				_, _ = db.Exec(`DELETE FROM cells WHERE rowid <= (SELECT max(rowid) FROM cells) - ?`, maxKept)
				return s, nil
			}
		}
	}
	db.Close()
	return nil, err
}

// add remembers a cell. It does not wait for the disk.
func (h *history) add(line int, source string) {
	h.try(func(s *store) { s.add(entry{line, source}) })
}

// add writes a cell, and those before that could not be written, as when the disk is full.
func (s *store) add(e entry) {
	const most = 1000
	s.late = append(s.late[max(0, len(s.late)-most):], e)
	for len(s.late) > 0 {
		e := s.late[0]
		if _, err := s.db.Exec(`INSERT OR REPLACE INTO cells VALUES (?, ?, ?, NULL)`, s.session, e.line, e.source); err != nil {
			log.Printf("%d cells are missing in the history: %v.", len(s.late), err)
			return
		}
		s.late = s.late[1:]
	}
}

// result remembers what a cell that is known already gave.
func (h *history) result(line int, output string) {
	h.try(func(s *store) {
		_, _ = s.db.Exec(`UPDATE cells SET output = ? WHERE session = ? AND line = ?`, output, s.session, line)
	})
}

// try does something with the database, unless its disk is so slow that a thousand things wait for it.
func (h *history) try(do func(*store)) {
	select {
	case h.work <- do:
	default:
	}
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"`
	Session int64  `json:"session"` // 0 is this one, -1 the one before
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// find returns the entries that are asked for, the oldest first: [session, line, source], or
// [session, line, [source, output]].
func (h *history) find(r historyRequest) ([][3]any, error) {
	type answer struct {
		found [][3]any
		err   error
	}
	answers := make(chan answer, 1)
	h.try(func(s *store) {
		found, err := s.find(r)
		answers <- answer{found, err}
	})
	select {
	case a := <-answers:
		return a.found, a.err
	case <-time.After(3 * time.Second):
		return nil, fmt.Errorf("the history's disk does not answer")
	}
}

func (s *store) find(r historyRequest) ([][3]any, error) {
	const columns = `SELECT session, line, source, output FROM cells `
	n := -1 // no limit
	if r.N != nil {
		n = max(*r.N, 0)
	}
	var rows *sql.Rows
	var err error
	switch r.Access {
	case "range":
		session, stop := r.Session, int(^uint(0)>>1)
		if session <= 0 {
			session += s.session
		}
		if r.Stop != nil {
			stop = *r.Stop
		}
		rows, err = s.db.Query(columns+`WHERE session = ? AND line >= ? AND line < ? ORDER BY line DESC`, session, r.Start, stop)
	case "tail":
		rows, err = s.db.Query(columns+`ORDER BY session DESC, line DESC LIMIT ?`, n)
	case "search":
		pattern := r.Pattern
		if pattern == "" {
			pattern = "*"
		}
		if r.Unique {
			rows, err = s.db.Query(columns+`JOIN (SELECT max(rowid) AS newest FROM cells WHERE source GLOB ? GROUP BY source) ON cells.rowid = newest
				ORDER BY session DESC, line DESC LIMIT ?`, pattern, n)
		} else {
			rows, err = s.db.Query(columns+`WHERE source GLOB ? ORDER BY session DESC, line DESC LIMIT ?`, pattern, n)
		}
	default:
		return nil, fmt.Errorf("there is no way %q to look into the history: range, tail and search are", r.Access)
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := [][3]any{} // not null in JSON
	for rows.Next() {
		var session, line int
		var source string
		var output *string
		if err := rows.Scan(&session, &line, &source, &output); err != nil {
			return nil, err
		}
		if r.Output {
			found = append(found, [3]any{session, line, [2]any{source, output}})
		} else {
			found = append(found, [3]any{session, line, source})
		}
	}
	slices.Reverse(found)
	return found, rows.Err()
}

// close waits until all is written, for a moment.
func (h *history) close() {
	done := make(chan struct{})
	h.try(func(*store) { close(done) })
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}
