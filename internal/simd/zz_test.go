package simd
import ("testing";"math/rand/v2";"fmt";"time")
func TestBigShapes(t *testing.T){
 for _,p:=range Paths()[:2]{ Use(p)
 for _,s:=range [][3]int{{320,128,256},{3200,128,256},{3200,8,128},{32000,128,256}}{
  m,k,n:=s[0],s[1],s[2]
  r:=rand.New(rand.NewPCG(1,2))
  a:=make([]float64,m*k); b:=make([]float64,n*k); c:=make([]float64,m*n)
  for i:=range a{a[i]=r.NormFloat64()}; for i:=range b{b[i]=r.NormFloat64()}
  var pk,w Packed
  A:=Matrix{m,k,a,k};B:=Matrix{k,n,b,n};C:=Matrix{m,n,c,n}
  pk.Pack(B)
  tm:=func(f func())float64{ best:=1e18; for t0:=time.Now();time.Since(t0)<400*time.Millisecond;{ s:=time.Now(); f(); best=min(best,float64(time.Since(s)))}; return best}
  fl:=2*float64(m)*float64(k)*float64(n)
  t1:=tm(func(){Gemm(C,Matrix{},A,&pk)})
  t3:=tm(func(){Gemm(C,C,A,&pk)})
  G:=Matrix{n,k,make([]float64,n*k),k}
  t2:=tm(func(){GemmTA(G,Matrix{},C,A,&w)})
  fmt.Printf("%v %v gemm %.1f (%.1fus) acc %.1f TA %.1f GF (%.1f us)\n",p,s,fl/t1,t1/1e3,fl/t3,fl/t2,t2/1e3)
 }}
}
