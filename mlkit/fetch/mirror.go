package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"gopherlens/mlkit/fetch/cache"
)

// tries is how often a mirror is asked, as long as each time brings something.
const tries = 5

// maxRedirects is how often a mirror may send us elsewhere.
const maxRedirects = 5

// client returns an HTTP client that waits no longer than connect for an answer.
func client(connect time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connect}).DialContext
	transport.TLSHandshakeTimeout = connect
	transport.ResponseHeaderTimeout = connect
	transport.MaxResponseHeaderBytes = 1 << 16
	transport.DisableCompression = true // we count and keep the bytes as they are served
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if req.URL.Scheme != via[0].URL.Scheme {
				return &refusal{fmt.Sprintf("sends us on to another kind of address (%s)", req.URL.Redacted())}
			}
			if len(via) > maxRedirects {
				return &refusal{fmt.Sprintf("sends us on more than %d times", maxRedirects)}
			}
			return nil
		},
	}
}

// from fetches the file from one mirror. Its error is a *MirrorError, if not ctx has ended or the disk
// has failed.
func (d *download) from(ctx context.Context, address string) error {
	where, err := url.Parse(address)
	if err != nil || where.Scheme != "http" && where.Scheme != "https" {
		return &MirrorError{address, &refusal{"is not an address on the web"}}
	}
	for try := 1; ; try++ {
		part := openPart(d.path, address)
		kept := part.size()
		err := d.fill(ctx, part)
		if err == nil {
			err = d.finish(part)
		}
		var refused *refusal
		var damaged *cache.Error
		switch {
		case err == nil, ctx.Err() != nil, ofDisk(err):
			return err
		case errors.As(err, &damaged):
			part.remove()
			if kept > 0 && try < tries { // what was kept may be the culprit: all anew
				continue
			}
			return &MirrorError{where.Host, &refusal{"sent another content than expected (" + damaged.Reason + ")"}}
		case errors.As(err, &refused), part.size() <= kept, try == tries:
			return &MirrorError{where.Host, inWords(err)}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Duration(try)*200*time.Millisecond, d.options.Idle)):
		}
	}
}

// fill gets those bytes of part that it lacks.
func (d *download) fill(ctx context.Context, part *part) (err error) {
	if part.complete() {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, part.URL, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "gopherlens")
	req.Header.Set("Accept-Encoding", "identity")
	offset := part.size()
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		req.Header.Set("If-Range", part.Validator)
	}
	line := newLine(d.options.Progress, d.Title, req.URL.Host)
	defer func() { line.end(err == nil) }()
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if offset, err = d.accept(resp, part.path, offset); err != nil {
		return err
	}
	body := bufio.NewReader(&watched{r: resp.Body, idle: d.options.Idle, stalled: func() { cancel(stalled(d.options.Idle)) }})
	if start, _ := body.Peek(512); offset == 0 && isHTML(http.DetectContentType(start)) {
		return &refusal{"sent an HTML page in place of the file"}
	}
	length := resp.ContentLength
	if length >= 0 {
		length += offset
	}
	if length > d.limit() || length >= 0 && !d.Gzip && d.SHA256 != "" && length != d.Size {
		return &refusal{fmt.Sprintf("offers %d bytes, where %d are expected", length, d.Size)}
	}
	file, err := part.begin(resp, offset, length)
	if err != nil {
		return err
	}
	line.begin(offset, length)
	_, err = io.Copy(io.MultiWriter(file, line), io.LimitReader(body, d.limit()+1-offset))
	if closed := file.Close(); err == nil {
		err = closed
	}
	var idle stalled
	switch {
	case errors.As(context.Cause(ctx), &idle):
		return idle
	case err == nil && part.size() > d.limit():
		part.remove()
		return &refusal{fmt.Sprintf("sends more than the %d bytes that are expected", d.limit())}
	}
	return err
}

// limit is the most that a mirror may send.
func (d *download) limit() int64 {
	if d.Gzip { // which cannot shrink everything, and has a header
		return d.Size + d.Size/100 + 1<<16
	}
	return d.Size
}

// accept checks an answer's status and header, and returns from which byte on its body goes. What it does not
// let be continued is a *cache.Error of the part's path.
func (d *download) accept(resp *http.Response, path string, offset int64) (int64, error) {
	switch resp.StatusCode {
	case http.StatusOK:
		offset = 0
	case http.StatusPartialContent:
		var first, last int64
		n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/", &first, &last)
		if offset == 0 {
			return 0, &refusal{"sent a part of the file, where all of it was asked for"}
		}
		if n < 2 || first != offset {
			return 0, &cache.Error{Path: path, Reason: "it is not continued where it ends"}
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, &cache.Error{Path: path, Reason: "it cannot be continued"}
	default:
		return 0, &refusal{"answered " + resp.Status}
	}
	if isHTML(resp.Header.Get("Content-Type")) {
		return 0, &refusal{"sent an HTML page in place of the file"}
	}
	switch encoding := resp.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		if d.Gzip { // what some servers say of a file that is gzipped anyway
			return offset, nil
		}
		fallthrough
	default:
		return 0, &refusal{fmt.Sprintf("sent the file encoded (%s), which was not asked for", encoding)}
	}
	return offset, nil
}

// isHTML tells whether a content type is that of a page for people.
func isHTML(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// finish makes the file out of the complete part.
func (d *download) finish(part *part) error {
	if d.Gzip {
		if err := cache.Unpack(part.path, d.path, d.content()); err != nil {
			return err
		}
	} else {
		if err := cache.Check(part.path, d.content()); err != nil {
			return err
		}
		if err := os.Rename(part.path, d.path); err != nil {
			return err
		}
	}
	part.remove()
	return nil
}

// watched is a reader that calls stalled when less than 1 KiB/s comes for as long as idle.
type watched struct {
	r       io.Reader
	idle    time.Duration
	stalled func()
	timer   *time.Timer
	came    int
}

func (w *watched) Read(p []byte) (int, error) {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.idle, w.stalled)
	}
	n, err := w.r.Read(p)
	w.came += n
	if float64(w.came) >= w.idle.Seconds()*1024 {
		w.came = 0
		w.timer.Reset(w.idle)
	}
	if err != nil {
		w.timer.Stop()
	}
	return n, err
}
