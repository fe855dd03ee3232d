package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gopherlens/mlkit/plot"
	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/photo"
)

type evaluateCommand struct {
	network
	Data   string `help:"Photos and labels: a folder in YOLO's or Pascal VOC's form, a Darknet file .data, or \"scenes\": pictures of shapes and digits that are drawn here." aliases:"dataset,val_dataset" required:""`
	Part   string `help:"Which part of them, such as valid; the one to train with, or all, if left out."`
	Fit    string `help:"letterbox keeps a photo's proportions; stretch does not, and is how yolo train does it." enum:"letterbox,stretch" default:"stretch"`
	Output string `help:"Draw precision against recall into this file (.svg)." short:"o" placeholder:"FILE"`
}

func (c evaluateCommand) Run(ctx context.Context) error {
	if err := drawable(c.Output); err != nil {
		return err
	}
	config, w, err := c.read()
	if err != nil {
		return err
	}
	defer w.Close()
	set, err := openSet(c.Data, c.Part, 2, 200, config)
	if err != nil {
		return err
	}
	if err := yolo.CheckClasses(config, set); err != nil {
		return err
	}
	names := set.Names()
	m, err := yolo.New(config, w, names, yolo.Epsilon(c.Epsilon))
	if err != nil {
		return err
	}
	defer m.Close()
	options := yolo.AsTrained()
	if c.Fit == "letterbox" {
		options.Fit = photo.Letterbox
	}
	shown := counted{set, ctx, newBar(set.Len(), "photo")}
	r, err := yolo.Evaluate(m, shown, options)
	shown.bar.end()
	if err != nil {
		return err
	}
	fmt.Printf("mAP@0.5 %.3f, COCO mAP %.3f on %d pictures\n", r.MAP50, r.MAP, set.Len())
	fmt.Printf("  %-16s %6s  %5s  objects\n", "class", "AP@0.5", "AP")
	objects := 0
	for _, k := range r.Classes {
		if objects += k.Truths; k.Truths > 0 {
			fmt.Printf("  %-16s %6.3f  %.3f  %d\n", names[k.Class], k.AP50, k.AP, k.Truths)
		}
	}
	if c.Output == "" {
		return nil
	}
	if objects == 0 {
		return errors.New("there is no object on the pictures, so precision against recall cannot be drawn")
	}
	if err := plot.PrecisionRecall(r).Save(c.Output); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, c.Output)
	return nil
}

// drawable holds, before hours have passed, that a figure can be saved under a name, if there is one.
func drawable(path string) error {
	if path == "" {
		return nil
	}
	return plot.CheckPath(path)
}

// counted is a set that shows how far one is with it, and ends when that is asked for.
type counted struct {
	dataset.Set
	ctx context.Context
	bar *bar
}

func (c counted) Sample(i int) (dataset.Sample, error) {
	c.bar.step()
	if err := c.ctx.Err(); err != nil {
		return dataset.Sample{}, err
	}
	return c.Set.Sample(i)
}
