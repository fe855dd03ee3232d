package video

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Reader reads a video's frames. Where the time between frames varies, some are left out or come twice, so that the
// rate stays the same.
type Reader struct {
	Width, Height int // of a frame, upright
	Rate          Rate
	Length        int // about how many frames there are; 0 if that is not known

	name   string
	cmd    *exec.Cmd
	said   complaints
	pipe   io.ReadCloser
	frames *bufio.Reader
	stop   context.CancelFunc
}

// extensions are those of videos that Known knows.
var extensions = []string{".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".flv", ".3gp", ".ogv", ".mjpg", ".mjpeg"}

// Known tells by a file's name whether it is a video.
func Known(path string) bool { return slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) }

// demuxers are ffmpeg's names of the kinds of files that are read. All others are refused: playlists among them could
// name files that are nobody's business.
const demuxers = "mov,matroska,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,mjpeg,mpjpeg,jpeg_pipe,gif,h264,hevc,m4v,yuv4mpegpipe,nut,dv,ivf"

// maxPixels is how many a frame may have: 8192 × 8192.
const maxPixels = 1 << 26

// Open reads a video from a file. ctx ends the reading early.
func Open(ctx context.Context, path string) (*Reader, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: give a video in it", path)
	}
	r, err := start(ctx, path, nil, confined("-i", "file:"+path))
	if err != nil {
		return nil, err
	}
	r.Length = int(seconds(ctx, path)*float64(r.Rate.Num)/float64(r.Rate.Den) + .5)
	return r, nil
}

// Read reads a video from a stream: one that can be read from its beginning on, or JPEGs one after another (Motion
// JPEG). name is for errors.
func Read(ctx context.Context, stream io.Reader, name string) (*Reader, error) {
	return start(ctx, name, stream, confined("-i", "pipe:0"))
}

// Camera reads from a camera of this computer, by its number from 0, until ctx ends it.
func Camera(ctx context.Context, n int) (*Reader, error) {
	name := fmt.Sprintf("camera %d", n)
	switch runtime.GOOS {
	case "linux":
		device := fmt.Sprintf("/dev/video%d", n)
		if _, err := os.Stat(device); err != nil {
			return nil, fmt.Errorf("%s: there is none: %w", name, err)
		}
		return start(ctx, name, nil, []string{"-f", "v4l2", "-i", device})
	case "darwin":
		return start(ctx, name, nil, []string{"-f", "avfoundation", "-framerate", "30", "-i", strconv.Itoa(n)})
	}
	return nil, fmt.Errorf("%s: cameras are read on Linux and macOS only: give a file, or Motion JPEG on the standard input", name)
}

// confined are arguments that let ffmpeg open no more than it is given.
func confined(input ...string) []string {
	return append([]string{"-protocol_whitelist", "file,pipe", "-format_whitelist", demuxers, "-max_pixels", strconv.Itoa(maxPixels)}, input...)
}

// start runs ffmpeg, which writes frames as YUV4MPEG2: that says their size and rate first.
func start(ctx context.Context, name string, stdin io.Reader, input []string) (*Reader, error) {
	program, err := find("ffmpeg")
	if err != nil {
		return nil, err
	}
	own, stop := context.WithCancel(ctx)
	arguments := slices.Concat([]string{"-v", "error", "-nostdin"}, input, []string{
		"-map", "0:v:0", "-fpsmax", "240",
		// as JFIF's, which is image.YCbCr's
		"-vf", "scale=out_color_matrix=bt601:out_range=full,format=yuvj444p", "-strict", "-1", "-f", "yuv4mpegpipe", "pipe:1",
	})
	r := &Reader{name: name, cmd: exec.CommandContext(own, program, arguments...), stop: stop}
	r.cmd.Stdin, r.cmd.Stderr, r.cmd.WaitDelay = stdin, &r.said, time.Second
	apart(r.cmd)
	if r.pipe, err = r.cmd.StdoutPipe(); err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, err
	}
	r.frames = bufio.NewReaderSize(r.pipe, 1<<16)
	line, err := r.frames.ReadSlice('\n')
	if err == nil {
		err = r.header(string(line))
	}
	if err != nil {
		r.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, r.said.because(name+" cannot be read as a video", err)
	}
	return r, nil
}

// header reads YUV4MPEG2's first line, fields that begin with a letter each.
func (r *Reader) header(line string) (err error) {
	for _, field := range strings.Fields(line) {
		switch value := field[1:]; field[0] {
		case 'W':
			r.Width, err = strconv.Atoi(value)
		case 'H':
			r.Height, err = strconv.Atoi(value)
		case 'F':
			_, err = fmt.Sscanf(value, "%d:%d", &r.Rate.Num, &r.Rate.Den)
		}
		if err != nil {
			return err
		}
	}
	if r.Width < 1 || r.Height < 1 || r.Width > maxPixels/r.Height || r.Rate.Num < 1 || r.Rate.Den < 1 {
		return fmt.Errorf("%d × %d pixels, %v frames a second", r.Width, r.Height, r.Rate)
	}
	return nil
}

// Frames are the rest of the video. A frame's memory is used again for the next one. The Reader is closed at the end.
func (r *Reader) Frames() iter.Seq2[*image.YCbCr, error] {
	return func(yield func(*image.YCbCr, error) bool) {
		defer r.Close()
		frame := image.NewYCbCr(image.Rect(0, 0, r.Width, r.Height), image.YCbCrSubsampleRatio444)
		for {
			err := r.next(frame)
			if err == io.EOF {
				if err = r.cmd.Wait(); err == nil {
					return
				}
				err = r.said.because(r.name+" cannot be read to its end", err)
			}
			if !yield(frame, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) next(frame *image.YCbCr) error {
	line, err := r.frames.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("FRAME")) {
		return errors.New(r.name + ": ffmpeg sent something else than a frame")
	}
	for _, plane := range [][]byte{frame.Y, frame.Cb, frame.Cr} {
		if _, err := io.ReadFull(r.frames, plane); err != nil {
			return io.EOF // Wait says why
		}
	}
	return nil
}

// Close ends the reading, at its end or before.
func (r *Reader) Close() error {
	r.stop()
	r.pipe.Close()
	r.cmd.Wait() // killed or not: nobody asks for the rest
	return nil
}

// seconds is how long a video is, or 0 if that is not known.
func seconds(ctx context.Context, path string) float64 {
	program, err := find("ffprobe")
	if err != nil {
		return 0
	}
	arguments := append([]string{"-v", "error"}, confined("-i", "file:"+path, "-show_entries", "format=duration", "-of", "csv=p=0")...)
	out, err := exec.CommandContext(ctx, program, arguments...).Output()
	if err != nil {
		return 0
	}
	s, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil || !(s > 0 && s < 1e6) {
		return 0
	}
	return s
}
