package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
)

type anchorsCommand struct {
	Cfg  string `help:"The network: how many anchors, for which input." required:"" type:"existingfile"`
	Size int    `help:"Height and width of what goes into the network, a multiple of 32; the configuration's if left out."`
	Data string `help:"Photos and labels, as for yolo train." aliases:"dataset" required:""`
	Seed int64  `help:"Decides where k-means begins." default:"1"`
}

// Run prints anchors that fit a set's objects.
func (c anchorsCommand) Run(ctx context.Context) error {
	config, err := yolo.OpenConfig(c.Cfg, network{Size: c.Size}.settings()...)
	if err != nil {
		return err
	}
	var now [][2]float64
	for _, l := range config.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok {
			now = k.Anchors
		}
	}
	if now == nil {
		return fmt.Errorf("%s has no [yolo] section, which anchors are for", c.Cfg)
	}
	set, err := openSet(c.Data, "", 1, 1000, config)
	if err != nil {
		return err
	}
	shown := counted{set, ctx, newBar(set.Len(), "photo")}
	defer shown.bar.end()
	var sizes [][2]float64 // in pixels of the network's input
	for i := range set.Len() {
		s, err := shown.Sample(i)
		if err != nil {
			return err
		}
		photo := s.Image.Rect.Size()
		for _, o := range s.Objects {
			sizes = append(sizes, [2]float64{
				(o.Box.X2 - o.Box.X1) / float64(photo.X) * float64(config.Width),
				(o.Box.Y2 - o.Box.Y1) / float64(photo.Y) * float64(config.Height),
			})
		}
	}
	shown.bar.end()
	if len(sizes) == 0 {
		return errors.New("there is no object on the pictures, so there are no anchors to find")
	}
	var text []string
	found := dataset.Anchors(sizes, len(now), c.Seed)
	for i, a := range found {
		found[i] = [2]float64{max(1, math.Round(a[0])), max(1, math.Round(a[1]))}
		text = append(text, fmt.Sprintf("%.0f,%.0f", found[i][0], found[i][1]))
	}
	fmt.Printf("anchors = %s\n", strings.Join(text, ",  "))
	fmt.Printf("# The %d objects overlap the nearest of them by %.3f (mean IoU); the configuration's, by %.3f.\n",
		len(sizes), dataset.MeanIoU(sizes, found), dataset.MeanIoU(sizes, now))
	return nil
}
