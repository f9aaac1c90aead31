mtty-1 on mtty
stop: changed
