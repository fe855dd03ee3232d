// Package yolo finds things in photos: it runs networks of the YOLOv3 family, any that Darknet's configuration files
// describe, on GoMLX.
//
//	model, err := yolo.Load("yolo-fastest-1.1")       // of package zoo; zoo/download fetches it
//	img, err := photo.Open("street.jpg")
//	found, err := model.Detect(img, yolo.Options{})
//	picture := detection.Draw(img, found, detection.DrawOptions{})
//
// Without photos and a connection, yolo.Load("shapes") is there, our own, and scenes.Samples() has pictures for it.
//
// A notebook's cells are programs of their own: DetectFiles keeps what it found in files, and the cells that draw it
// need no network, and do not link GoMLX.
//
// They learn, too: on sets of package dataset, or on scenes, which are drawn.
//
//	trainer, err := yolo.NewTrainer(config, yolo.Training{Batch: 8})
//	err = trainer.Fit(ctx, set, yolo.FitOptions{Steps: 2000, Validation: valid, Checkpoint: "balls.safetensors"})
//	weights, err := trainer.Weights() // for New, or darknet.Write
//
// [Transfer] begins with another network's weights, [Evaluate] measures, and plot.Training and plot.PrecisionRecall
// draw what comes of it.
//
// The parts are packages of their own, and do not link GoMLX: darknet reads configurations and weights, photo makes
// pictures fit, video reads and writes frames, detection has boxes, suppression and drawing, zoo knows networks by
// name, scenes draws pictures to train with. The command cmd/yolo has all of it on the command line.
//
// Batch normalisation is folded into the convolutions when a model is made, so that a network runs as convolutions,
// biases and activations alone. The same photo, prepared alike, gives the scores of Darknet, OpenCV and ONNX
// Runtime to within 0.001.
//
// # Errors
//
// What files do wrong is told by the errors of the package that reads them: *darknet.ConfigError with the line,
// *darknet.WeightsError with the layer, *photo.Error, *dataset.Error, or zoo.ErrAbsent for a network that has not been
// fetched. An option that cannot be is a *detection.OptionError. All others are sentences that say which number of
// classes, pictures or steps does not fit.
package yolo
