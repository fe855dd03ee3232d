package yolo

import (
	"fmt"
	"image"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// Options say how a photo is made to fit, and which of the boxes are detections. The zero value does as Darknet
// does: letterbox, its own resampling, a score above 0.25, and suppression above an IoU of 0.45.
type Options struct {
	Fit        photo.Fit
	Resampling photo.Resampling
	detection.Options
	// Batch is how many photos DetectAll sends through the network at once; 1 if it is 0. More need more memory, and
	// pay on a GPU.
	Batch int
}

// TF2 are the options of github.com/zzh8829/yolov3-tf2: stretch, TensorFlow's resampling, each box of one class only.
func TF2() Options {
	return Options{Fit: photo.Stretch, Resampling: photo.TF, Options: detection.Options{Rule: detection.YOLOv3TF2}}
}

// Detect finds what is on a photo. The boxes are in its pixels and may reach beyond its edges; the surest come first.
func (m *Model) Detect(img image.Image, options Options) ([]detection.Detection, error) {
	all, err := m.DetectAll([]image.Image{img}, options)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// DetectAll finds what is on several photos.
func (m *Model) DetectAll(photos []image.Image, options Options) ([][]detection.Detection, error) {
	c := m.Config
	if c.Channels != 3 {
		return nil, fmt.Errorf("yolo: the network takes pictures with %d channels, photos have 3", c.Channels)
	}
	size := c.Height * c.Width * c.Channels
	var all [][]detection.Detection
	for len(photos) > 0 {
		n := min(max(options.Batch, 1), len(photos))
		input, mappings := make([]float32, n*size), make([]photo.Mapping, n)
		for i, img := range photos[:n] {
			if img.Bounds().Empty() {
				return nil, fmt.Errorf("yolo: photo %d has no pixels", len(all)+i)
			}
			mappings[i] = photo.Into(input[i*size:][:size], img, c.Width, c.Height, options.Fit, options.Resampling)
		}
		heads, err := m.Forward(input, n)
		if err != nil {
			return nil, err
		}
		for i := range n {
			one := make([][]float32, len(heads))
			for k, h := range heads {
				one[k] = h[i*len(h)/n : (i+1)*len(h)/n]
			}
			found, err := m.Decode(one, mappings[i], options.Options)
			if err != nil {
				return nil, err
			}
			all = append(all, found)
		}
		photos = photos[n:]
	}
	return all, nil
}

// Decode finds what the heads of one picture, which Forward returns, say. The mapping leads back to the photo.
func (m *Model) Decode(heads [][]float32, mapping photo.Mapping, options detection.Options) ([]detection.Detection, error) {
	candidates := decode(m.Config, heads, options.Threshold())
	for i := range candidates {
		b := &candidates[i].Box
		b.X1, b.Y1, b.X2, b.Y2 = mapping.Box(b.X1, b.Y1, b.X2, b.Y2)
	}
	return detection.Suppress(candidates, m.Names, options)
}
