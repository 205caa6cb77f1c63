
V
c5a1hd7gvsy410uxc616s08o9 
з≤├ь©дютз≤├ь©дют

db-password
ab