// Package video reads and writes videos frame by frame, through ffmpeg where that is installed.
//
//	r, err := video.Open(ctx, "street.mp4")
//	w, err := video.Create("drawn.mp4", r.Width, r.Height, r.Rate, "")
//	for frame, err := range r.Frames() {
//		…
//		err = w.Write(drawn)
//	}
//	err = w.Close()
//
// Frames go through pipes, so that a video of any length takes the memory of a few frames. ffmpeg is run without a
// shell, may open no more than the file that it is given, and reads no playlists, which name other files.
package video

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"time"
)

// ErrNoFFmpeg is what every error is when there is no ffmpeg on this computer.
var ErrNoFFmpeg = errors.New("videos need ffmpeg, which is not on this computer: install it (sudo apt install ffmpeg; on macOS brew install ffmpeg)")

// A Rate is how many frames a second a video has: Num/Den. It is 30000/1001 for many.
type Rate struct{ Num, Den int }

func (r Rate) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// At is when a frame is seen, counted from the first, which is 0.
func (r Rate) At(frame int) time.Duration {
	return time.Duration(math.Round(float64(frame) * float64(r.Den) / float64(r.Num) * 1e9))
}

// find says where a program of ffmpeg's is.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", ErrNoFFmpeg
	}
	return path, nil
}

// complaints keeps the end of what ffmpeg says.
type complaints struct{ text []byte }

func (c *complaints) Write(p []byte) (int, error) {
	const most = 4096
	c.text = append(c.text, p...)
	c.text = append(c.text[:0], c.text[max(0, len(c.text)-most):]...)
	return len(p), nil
}

// because is a sentence with ffmpeg's last words.
func (c *complaints) because(problem string, err error) error {
	lines := strings.Split(string(bytes.TrimSpace(c.text)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Errorf("%s: ffmpeg says %q", problem, last)
	}
	return fmt.Errorf("%s: %w", problem, err)
}
