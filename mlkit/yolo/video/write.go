package video

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Writer writes a video, without sound.
type Writer struct {
	size       image.Point
	path, temp string
	cmd        *exec.Cmd
	said       complaints
	frames     io.WriteCloser
}

// containers are ffmpeg's names of them, by extension.
var containers = map[string]string{".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".avi": "avi"}

// A coding is how a video is compressed: FourCCs, as OpenCV takes them, and arguments of ffmpeg's.
type coding struct {
	fourCCs   []string
	encoder   string
	arguments []string
}

var (
	h264 = coding{[]string{"AVC1", "H264", "X264"}, "libx264", []string{"-preset", "veryfast", "-crf", "20",
		"-vf", even + ",scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"}}
	mpeg4 = coding{[]string{"XVID", "DIVX", "DX50", "MP4V", "FMP4"}, "mpeg4", []string{"-q:v", "4", "-vf", even + ",format=yuv420p"}}
	mjpeg = coding{[]string{"MJPG"}, "mjpeg", []string{"-q:v", "3", "-vf", even + ",format=yuvj420p"}}
)

// even adds a column and a row where their numbers are odd, which these codings cannot have.
const even = "pad=ceil(iw/2)*2:ceil(ih/2)*2"

// Create begins a video of width × height pixels: .mp4, .mov, .mkv or .avi, as the path says. fourCC says how it is
// compressed, as for OpenCV's VideoWriter: XVID, MP4V, MJPG, AVC1, …; if it is "", by H.264 where this ffmpeg can, and
// otherwise, and in .avi, by MPEG-4. The file is there after [Writer.Close].
func Create(path string, width, height int, rate Rate, fourCC string) (*Writer, error) {
	ext := strings.ToLower(filepath.Ext(path))
	container, ok := containers[ext]
	if !ok {
		return nil, fmt.Errorf("%s: videos are written as .mp4, .mov, .mkv or .avi, not %q", path, ext)
	}
	program, err := find("ffmpeg")
	if err != nil {
		return nil, err
	}
	c, err := codingOf(program, ext, fourCC)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".video-*"+ext)
	if err != nil {
		return nil, err
	}
	arguments := slices.Concat([]string{"-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file,pipe",
		"-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", fmt.Sprintf("%dx%d", width, height), "-framerate", rate.String(), "-i", "pipe:0",
		"-c:v", c.encoder}, c.arguments)
	switch {
	case ext == ".avi" && c.encoder == mpeg4.encoder:
		arguments = append(arguments, "-vtag", "XVID")
	case container == "mp4" || container == "mov": // so that it plays while it loads
		arguments = append(arguments, "-movflags", "+faststart")
	}
	w := &Writer{size: image.Pt(width, height), path: path, temp: temp.Name(),
		cmd: exec.Command(program, append(arguments, "-f", container, "file:"+temp.Name())...)}
	w.cmd.Stderr = &w.said
	apart(w.cmd)
	err = errors.Join(temp.Chmod(0o644), temp.Close())
	if err == nil {
		w.frames, err = w.cmd.StdinPipe()
	}
	if err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		os.Remove(w.temp)
		return nil, err
	}
	return w, nil
}

// codingOf chooses a coding.
func codingOf(ffmpeg, ext, fourCC string) (coding, error) {
	var known []string
	for _, c := range []coding{h264, mpeg4, mjpeg} {
		if slices.Contains(c.fourCCs, strings.ToUpper(fourCC)) {
			return c, nil
		}
		known = append(known, c.fourCCs...)
	}
	if fourCC != "" {
		return coding{}, fmt.Errorf("videos are not compressed as %q, but as %s", fourCC, strings.Join(known, ", "))
	}
	if ext != ".avi" {
		if list, err := exec.Command(ffmpeg, "-v", "quiet", "-encoders").Output(); err == nil && bytes.Contains(list, []byte(h264.encoder)) {
			return h264, nil
		}
	}
	return mpeg4, nil
}

// Write adds a frame, which must be opaque and of the video's size.
func (w *Writer) Write(frame *image.RGBA) error {
	if frame.Rect.Size() != w.size {
		return fmt.Errorf("%s: a frame of %v pixels in a video of %v", w.path, frame.Rect.Size(), w.size)
	}
	n := 4 * w.size.X
	if frame.Stride == n { // all rows at once
		n *= w.size.Y
	}
	for at := 0; at < frame.Stride*w.size.Y; at += max(n, frame.Stride) {
		if _, err := w.frames.Write(frame.Pix[at:][:n]); err != nil {
			w.frames.Close()
			w.cmd.Wait()
			return w.said.because(w.path+" cannot be written", err)
		}
	}
	return nil
}

// Close ends the video and puts it in its place.
func (w *Writer) Close() error {
	w.frames.Close()
	if err := w.cmd.Wait(); err != nil {
		os.Remove(w.temp)
		return w.said.because(w.path+" cannot be written", err)
	}
	return os.Rename(w.temp, w.path)
}

// Discard ends the video and removes it.
func (w *Writer) Discard() {
	w.frames.Close()
	w.cmd.Process.Kill()
	w.cmd.Wait()
	os.Remove(w.temp)
}
