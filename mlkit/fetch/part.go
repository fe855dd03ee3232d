package fetch

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
)

// part is a download under way: the bytes that came so far, as served, in one file, and beside it what
// it takes to ask for the rest.
type part struct {
	path string
	ours bool // whether what is there came from URL and can be continued

	URL       string
	Validator string // the ETag or date of what was being served; the rest must be of the same
	Length    int64  // of the whole; −1 if it is not known
}

// openPart returns what there is of path from that address. What is from another, or cannot be
// continued, counts as nothing, but stays until something better comes.
func openPart(path, url string) *part {
	p := &part{path: path + ".part"}
	data, err := os.ReadFile(p.note())
	p.ours = err == nil && json.Unmarshal(data, p) == nil && p.URL == url && p.Validator != ""
	p.URL = url
	return p
}

func (p *part) note() string { return p.path + ".json" }

// size is how many bytes there are.
func (p *part) size() int64 {
	info, err := os.Stat(p.path)
	if err != nil || !p.ours {
		return 0
	}
	return info.Size()
}

func (p *part) complete() bool { return p.size() > 0 && p.size() == p.Length }

func (p *part) remove() {
	os.Remove(p.path)
	os.Remove(p.note())
	p.ours = false
}

// begin notes what is being served, and returns the file that its bytes from offset on go to.
func (p *part) begin(resp *http.Response, offset, length int64) (*os.File, error) {
	p.Length = length
	p.Validator = resp.Header.Get("ETag")
	if strings.HasPrefix(p.Validator, "W/") || p.Validator == "" { // If-Range takes no weak one (RFC 9110, 13.1.5)
		p.Validator = resp.Header.Get("Last-Modified")
	}
	note, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(p.path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if err = file.Truncate(offset); err == nil {
		if err = os.WriteFile(p.note(), note, 0o644); err == nil {
			_, err = file.Seek(offset, 0)
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	p.ours = true
	return file, nil
}
