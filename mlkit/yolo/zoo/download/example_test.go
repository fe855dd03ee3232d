package download_test

import (
	"context"
	"log"
	"os"

	"gopherlens/mlkit/yolo/zoo/download"
)

func Example() {
	if err := download.Fetch(context.Background(), "yolov3-tiny", os.Stderr); err != nil {
		log.Fatal(err)
	}
}
