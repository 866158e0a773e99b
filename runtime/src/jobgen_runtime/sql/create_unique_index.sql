CREATE UNIQUE INDEX{concurrently} {index} ON {table} ({columns}){condition}
