package exercise

import (
	"reflect"
	"time"
)

// fresh returns a deep copy of an input, so that an answer that works in place
// spoils neither the input that the learner is shown nor the next try on it.
func fresh[In any](in In) In {
	own(reflect.ValueOf(&in).Elem(), map[place]reflect.Value{})
	return in
}

// own gives v, which can be set, its own copy of all that it shares: the
// elements of slices and maps, what pointers and interfaces hold, the fields of
// structs, the unexported ones too. Functions and channels stay shared, and so
// does what a pointer to a struct with channels or the runtime's own memory
// holds, such as a network with its goroutines: a copy would not work.
//
// What is in copies already has its copy there, so that two pointers to one
// value still are, and a cycle ends.
func own(v reflect.Value, copies map[place]reflect.Value) {
	switch v.Kind() {
	case reflect.Array:
		for i := range v.Len() {
			own(v.Index(i), copies)
		}
		return
	case reflect.Struct:
		for i := range v.NumField() {
			own(field(v, i), copies)
		}
		return
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
	default:
		return
	}
	switch v.Interface().(type) {
	case *time.Location, reflect.Type:
		return // these are told apart by where they are
	}
	if v.Kind() == reflect.Interface {
		c := addressable(v.Elem())
		own(c, copies)
		v.Set(c)
		return
	}
	at := placeOf(v)
	if c, ok := copies[at]; ok {
		v.Set(c)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if find(v.Type(), isBound, map[reflect.Type]bool{}) != nil {
			return
		}
		c := reflect.New(v.Type().Elem())
		copies[at] = c.Convert(v.Type())
		c.Elem().Set(v.Elem())
		own(c.Elem(), copies)
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Cap(), v.Cap())
		copies[at] = c.Slice(0, v.Len())
		reflect.Copy(c, v.Slice(0, v.Cap()))
		for i := range v.Len() {
			own(c.Index(i), copies)
		}
	case reflect.Map:
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		copies[at] = c
		for entries := v.MapRange(); entries.Next(); {
			key, value := addressable(entries.Key()), addressable(entries.Value())
			own(key, copies)
			own(value, copies)
			c.SetMapIndex(key, value)
		}
	}
	v.Set(copies[at])
}

// isBound reports whether a type ties what has it to a place in memory.
func isBound(t reflect.Type) bool {
	return t.Kind() == reflect.Chan || t.Kind() == reflect.UnsafePointer
}
