package exercise

import (
	"reflect"

	"gonum.org/v1/gonum/mat"

	"unroll/lesson"
)

// fresh returns a deep copy of an input, so that an answer that works in place
// spoils neither the input that the learner is shown nor the next try on it.
func fresh[In any](in In) In {
	return *copyOf(reflect.ValueOf(&in).Elem()).Addr().Interface().(*In)
}

// copyOf copies slices, maps, matrices, tensors and the exported fields of
// structs; the rest is a value, or shared.
func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			break
		}
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			c.Index(i).Set(copyOf(v.Index(i)))
		}
	case reflect.Map:
		if v.IsNil() {
			break
		}
		c.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			c.SetMapIndex(entries.Key(), copyOf(entries.Value()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.Field(i).Set(copyOf(v.Field(i)))
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			break
		}
		switch m := v.Interface().(type) {
		case *mat.Dense:
			c.Set(reflect.ValueOf(mat.DenseCopyOf(m)))
		case *lesson.Tensor:
			c.Set(reflect.ValueOf(m.Clone()))
		}
	}
	return c
}
