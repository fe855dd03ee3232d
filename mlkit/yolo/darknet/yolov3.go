package darknet

import (
	"fmt"
	"strings"
)

// YOLOv3 is the network of Joseph Redmon and Ali Farhadi, "YOLOv3: An Incremental Improvement" (2018), for COCO's 80
// classes and, without [Resize], pictures of 416 × 416 pixels. Layer for layer it is what their yolov3.cfg says, so
// its numbers can be told where that file is not.
func YOLOv3(opts ...Option) (*Config, error) {
	return ParseConfig(strings.NewReader(yolov3()), opts...)
}

// yolov3 is the configuration: the backbone, Darknet-53, and three heads.
func yolov3() string {
	var b strings.Builder
	section := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	conv := func(filters, size, stride int) {
		section("[convolutional]\nbatch_normalize=1\nfilters=%d\nsize=%d\nstride=%d\npad=1\nactivation=leaky", filters, size, stride)
	}
	section("[net]\nwidth=416\nheight=416\nchannels=3")
	conv(32, 3, 1)
	for _, stage := range []struct{ filters, blocks int }{{64, 1}, {128, 2}, {256, 8}, {512, 8}, {1024, 4}} {
		conv(stage.filters, 3, 2)
		for range stage.blocks {
			conv(stage.filters/2, 1, 1)
			conv(stage.filters, 3, 1)
			section("[shortcut]\nfrom=-3\nactivation=linear")
		}
	}
	// Each head after the first takes up the features of the one before, at twice the resolution, beside those that the
	// backbone had there.
	for _, head := range []struct {
		filters, backbone int
		mask              string
	}{{512, 0, "6,7,8"}, {256, 61, "3,4,5"}, {128, 36, "0,1,2"}} {
		if head.backbone > 0 {
			section("[route]\nlayers=-4")
			conv(head.filters, 1, 1)
			section("[upsample]\nstride=2\n[route]\nlayers=-1,%d", head.backbone)
		}
		for range 3 {
			conv(head.filters, 1, 1)
			conv(2*head.filters, 3, 1)
		}
		section("[convolutional]\nfilters=255\nsize=1\nstride=1\npad=1\nactivation=linear")
		section("[yolo]\nmask=%s\nanchors=10,13,16,30,33,23,30,61,62,45,59,119,116,90,156,198,373,326\nclasses=80\nnum=9\nignore_thresh=.7\ntruth_thresh=1", head.mask)
	}
	return b.String()
}
