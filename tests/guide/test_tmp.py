import time, random, statistics, pytest
from django.db import connection
from guide.models import SearchDocument
from guide.search import search
@pytest.mark.django_db
@pytest.mark.parametrize("n",[2900,100000])
def test_p3(n):
    rnd=random.Random(1); vocab=["w%d"%i for i in range(8000)]
    weights=[1/(i+1) for i in range(8000)]
    def doc(i):
        body=" ".join(rnd.choices(vocab,weights,k=120)); t=" ".join(rnd.choices(vocab,weights,k=4))
        return SearchDocument(kind="prompt",slug=f"p{i}",title=t,body=body,title_words=t,body_words=body)
    for s in range(0,n,5000): SearchDocument.objects.bulk_create(doc(i) for i in range(s,min(n,s+5000)))
    qs=[" ".join(rnd.choices(vocab[20:],weights[20:],k=rnd.choice([1,2,2,3]))) for _ in range(100)]
    qs+= [q[:-1] for q in qs[:50] if len(q)>2]+["w5","w0 w1","wx12","w 12"]
    ours=[];raw=[]
    for q in qs:
        t=time.perf_counter(); search(q,8); ours.append(time.perf_counter()-t)
        m=" ".join(f'"{w}"' for w in q.split()[:-1])+f' "{q.split()[-1]}"*'
        t=time.perf_counter()
        with connection.cursor() as c: c.execute("select d.id,d.title,d.body from guide_search_index join guide_searchdocument d on d.id=guide_search_index.rowid where guide_search_index match %s order by rank limit 8",[m]); c.fetchall()
        raw.append(time.perf_counter()-t)
    p=lambda v,q: sorted(v)[int(len(v)*q)]*1000
    print(n,"ours p50 %.1f p95 %.1f max %.1f | raw p50 %.1f p95 %.1f max %.1f"%(p(ours,.5),p(ours,.95),max(ours)*1000,p(raw,.5),p(raw,.95),max(raw)*1000))
