// Package klog is as much of k8s.io/klog/v2 as GoNB's client calls, which logs
// what has gone wrong between a cell and the kernel.
//
// The whole of klog links net, log/slog and 40 packages more into every cell
// that shows something: a third of the time from running it to its figure.
package klog

import (
	"fmt"
	"os"
)

// Infof writes a line to the standard error.
func Infof(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Errorf writes a line to the standard error.
func Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
