
c
c2xv6r8ntx0kx7j3qg8tbx7a6 
Ú˜†ØþØ­ÛÚ˜†ØþØ­Û$

app.conf
cdk=v

golang